// One of the ways to visit the hostile site, and what the tracker learned of it.
import { told } from "./launch.mjs";
import { answerBanner, choose, cookies, finish, logged, open, person, quiet, settled, visitAll } from "./visiting.mjs";

const stories = {
  // Without Candor: what the site does to everybody who comes.
  async direct() {
    const context = await person();
    await visitAll(context, told.site);
    return { direct: await logged(), cookies: await cookies(context) };
  },

  async undecided() {
    const context = await person();
    await visitAll(context, told.public);
    return { undecided: await logged(), cookies: await cookies(context) };
  },

  async refused() {
    const context = await person();
    const page = await context.newPage();
    await open(page, `${told.public}/`);
    await answerBanner(page, "no", { by: told.by });
    const asked = await page.locator(".candor-banner").count();
    await visitAll(context, told.public);
    return { refused: await logged(), asked, cookies: await cookies(context) };
  },

  async gpc() {
    const context = await person({ extraHTTPHeaders: { "Sec-GPC": "1" } });
    await context.addInitScript(() => Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true }));
    await visitAll(context, told.public);
    return { gpc: await logged(), cookies: await cookies(context) };
  },

  async withoutScript() {
    const context = await person({ javaScriptEnabled: false });
    await visitAll(context, told.public);
    const undecided = await logged();
    const page = await context.newPage();
    await open(page, `${told.public}/`);
    await answerBanner(page, "no");
    await visitAll(context, told.public);
    const refused = await logged();
    await choose(page, "statistics", "yes");
    await visitAll(context, told.public);
    const accepted = await logged();
    await choose(page, "statistics", "no");
    await visitAll(context, told.public);
    return { undecided, refused, accepted, withdrawn: await logged(), cookies: await cookies(context) };
  },

  async accepted() {
    const context = await person();
    const page = await context.newPage();
    await open(page, `${told.public}/`);
    await answerBanner(page, "yes");
    await page.close();
    await logged();
    await visitAll(context, told.public);
    const accepted = await logged();
    const kept = await cookies(context);
    const again = await context.newPage();
    await choose(again, "statistics", "no");
    await logged();
    await visitAll(context, told.public);
    return { accepted, kept, withdrawn: await logged(), left: await cookies(context) };
  },

  // A yes that was given before the browser began to send the signal.
  async gpcLater() {
    const context = await person();
    const page = await context.newPage();
    await choose(page, "statistics", "yes");
    await open(page, `${told.public}/inner.html?kept`);
    await open(page, `${told.public}/cookies.html?cookies`);
    const before = await logged();
    await context.setExtraHTTPHeaders({ "Sec-GPC": "1" });
    await open(page, `${told.public}/inner.html?kept`);
    await page.reload();
    await quiet(page);
    await visitAll(context, told.public);
    return { before, after: await logged(), left: await cookies(context) };
  },

  // Everywhere a page from before the withdrawal may come back from.
  async returning() {
    const context = await person();
    const page = await context.newPage();
    await choose(page, "statistics", "yes");
    for (const path of ["/returning.html", "/inner.html?kept", "/markup.html"]) await open(page, told.public + path);
    const other = await context.newPage();
    await open(other, `${told.public}/returning.html`);
    await open(other, `${told.public}/inner.html`);
    // Pages are kept for going back to, as long as nothing changes.
    for (let back = 0; back < 2; back += 1) await step(page, () => page.goBack({ waitUntil: "commit" }));
    const before = await logged();
    for (let forward = 0; forward < 2; forward += 1) await step(page, () => page.goForward({ waitUntil: "commit" }));
    await choose(page, "statistics", "no");
    await logged();
    const after = {};
    const look = async (name, page, move) => {
      await step(page, move);
      after[name] = { ...(await logged()), at: new URL(page.url()).pathname };
    };
    // Behind the page that says "saved" and the form lie the pages from before.
    for (const times of [1, 2, 3, 4, 5]) await look(`back ${times}`, page, () => page.goBack({ waitUntil: "commit" }));
    for (const times of [1, 2]) await look(`forward ${times}`, page, () => page.goForward({ waitUntil: "commit" }));
    await look("reload", page, () => page.reload({ waitUntil: "commit" }));
    await look("kept by the browser", page, () => page.goto(`${told.public}/inner.html?kept`));
    await look("asked for again", page, () => page.reload({ waitUntil: "commit" }));
    await look("second tab, back", other, () => other.goBack({ waitUntil: "commit" }));
    await look("second tab, forward", other, () => other.goForward({ waitUntil: "commit" }));
    await look("second tab, reloaded", other, () => other.reload({ waitUntil: "commit" }));
    await look("second tab, elsewhere", other, () => other.goto(`${told.public}/markup.html`));
    return { before, after };
  },

  // A service worker that answers from what it kept while it was permitted.
  async service() {
    const context = await person();
    const page = await context.newPage();
    await choose(page, "statistics", "yes");
    await open(page, `${told.public}/service.html`);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null && document.title.endsWith("ready"));
    for (const path of ["/service.html", "/inner.html", "/markup.html", "/inner.html"]) await open(page, told.public + path);
    const before = await logged();
    await choose(page, "statistics", "no");
    await settled();
    await logged();
    const after = {};
    for (const path of ["/inner.html", "/markup.html", "/service.html", "/inner.html"]) {
      await open(page, told.public + path);
      after[path] = await logged();
    }
    return { before, after };
  },

  // What markup does not show: answers that say of themselves what they are in odd ways, and service workers that make pages up.
  async more() {
    const visit = async (context, origin) => {
      await visitAll(context, origin, { pages: told.more });
      await makeUp(context, origin);
      return logged();
    };
    const direct = await visit(await person(), told.site);
    const context = await person();
    const undecided = await visit(context, told.public);
    const page = await context.newPage();
    await choose(page, "statistics", "no");
    const refused = await visit(context, told.public);
    const signalling = await person({ extraHTTPHeaders: { "Sec-GPC": "1" } });
    return { direct, undecided, refused, gpc: await visit(signalling, told.public) };
  },

  // Copies that may be kept for long, made under a yes of which nothing is left but them.
  async copies() {
    const context = await person();
    const page = await context.newPage();
    await choose(page, "statistics", "yes");
    await open(page, `${told.public}/copies.html`);
    const before = await logged();
    await page.goto("about:blank");
    await context.clearCookies();
    await open(page, `${told.public}/copies.html`);
    return { before, after: await logged() };
  },
};

await finish(await stories[told.story]());

async function makeUp(context, origin) {
  const page = await context.newPage();
  await page.goto(`${origin}/answering/answering.html`);
  await page.waitForFunction(() => document.title === "Answered");
  await open(page, `${origin}/answering/made.html`);
  await page.close();
  await settled();
}

async function step(page, move) {
  await move();
  await quiet(page);
}
