// Somebody who visits the hostile site, and what the tracker knows of it afterwards.
import { launch, told } from "./launch.mjs";

export const browser = await launch();

/** A browser of somebody's own: with its cookies, its caches and its service workers. */
export async function person(options = {}) {
  const context = await browser.newContext({ serviceWorkers: "allow", ...options });
  context.setDefaultTimeout(20_000);
  return context;
}

/** What the tracker and the keeper of files wrote down since they were asked last. */
export async function logged() {
  const read = async (path) => (await fetch(told.site + path)).json();
  const [tracker, files] = [await read("/-/log"), await read("/-/log-of-files")];
  return {
    connections: tracker.connections,
    ways: [...new Set(tracker.requests.map((request) => request.way))].sort(),
    hosts: [...new Set(tracker.requests.map((request) => request.host))].sort(),
    files: [...new Set(files.requests.map((request) => request.way))].sort(),
  };
}

/** Opens every page of the site, some at a time, does what there is to do on it, and leaves it. */
export async function visitAll(context, origin, { pages = told.pages, atOnce = 4 } = {}) {
  const waiting = [...pages];
  const visit = async () => {
    for (let path = waiting.shift(); path; path = waiting.shift()) {
      const page = await context.newPage();
      await open(page, origin + path);
      if (path === "/markup.html") await page.evaluate(() => document.getElementById("pinged").click()).catch(() => 0);
      if (path === "/script.html") await open(page, `${origin}/`);
      // What is only prepared has time.
      await page.waitForTimeout(path.includes("speculation") ? 1_500 : 150);
      await page.close({ runBeforeUnload: true });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, visit));
  await settled();
}

/** Opens an address and waits until the page has done what it does. */
export async function open(page, address) {
  const answer = await page.goto(address, { waitUntil: "domcontentloaded" });
  await quiet(page);
  return answer;
}

/** Later scripts of the pages start after fifty milliseconds; what they start takes its time. */
export async function quiet(page) {
  // A page that never comes to rest is left all the same.
  await page.waitForLoadState("networkidle", { timeout: 5_000 }).catch(() => 0);
  await page.waitForTimeout(300);
}

/** What is sent when a page is left may be sent a little later. */
export const settled = () => new Promise((done) => setTimeout(done, 500));

/** Answers for everything in the banner that a page shows. */
export async function answerBanner(page, answer, { by = "mouse" } = {}) {
  const button = page.locator(`.candor-banner form:has(input[value="${answer}"]) [type="submit"]`);
  await button.waitFor();
  if (by === "keyboard") {
    for (let pressed = 0; pressed < 20; pressed += 1) {
      await page.keyboard.press("Tab");
      if (await button.evaluate((own) => own === document.activeElement)) break;
    }
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  } else {
    await Promise.all([page.waitForNavigation(), button.click()]);
  }
}

/** Answers for one purpose on the choices page. */
export async function choose(page, purpose, answer) {
  await page.goto(`${told.public}/privacy/choices`);
  await page.locator(`input[name="${purpose}"][value="${answer}"]`).check();
  await Promise.all([page.waitForNavigation(), page.locator('.save [type="submit"]').click()]);
}

/** The names of the cookies in somebody's browser. */
export async function cookies(context) {
  return [...new Set((await context.cookies(told.public)).map((cookie) => cookie.name))].sort();
}

export async function finish(saw) {
  await browser.close();
  console.log(JSON.stringify(saw));
}
