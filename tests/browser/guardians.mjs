// A guardian opens an account for a child, confirms it, decides, shows a code, sees everything and erases it; the child signs in and says no:
// on a phone and on a desk, with script and without, light and dark.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { isSkipLink, launch, listen, told } from "./launch.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sizes = { desk: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };
const browser = await launch();
const [journeys, violations, complaints, sideways] = [[], [], [], []];

for (const [size, viewport] of Object.entries(sizes)) {
  for (const script of [true, false]) {
    // axe is put into the page, which the page's own content security policy would rightly refuse.
    const settings = { viewport, javaScriptEnabled: script, bypassCSP: script, colorScheme: size === "desk" ? "light" : "dark" };
    journeys.push({ size, script, ...(await journey(settings, `${size}${script ? "s" : "p"}`, script)) });
  }
}
await browser.close();
console.log(JSON.stringify({ journeys, violations, complaints, sideways }));

async function journey(settings, name, script) {
  let shots = 0;
  const visitor = async () => {
    const context = await browser.newContext(settings);
    const page = await context.newPage();
    listen(page, { complaints });
    const press = (button = "main form button.primary") => Promise.all([page.waitForNavigation(), page.locator(button).first().click()]);
    const open = async (path) => {
      await page.goto(path.startsWith("http") ? path : `${told.public}${path}`);
      await look(page);
    };
    return { context, page, press, open, heading: () => page.locator("h1").textContent() };
  };
  const look = async (page) => {
    if (told.pictures) await page.screenshot({ path: `${told.pictures}/${name}-${String((shots += 1)).padStart(2, "0")}.png`, fullPage: true });
    if (!script) return;
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run());
    for (const violation of found.violations) {
      const nodes = violation.nodes.filter((node) => !isSkipLink(violation, node));
      if (nodes.length > 0) violations.push({ page: page.url(), rule: violation.id, at: nodes.map((node) => node.html) });
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (overflow > 0) sideways.push({ page: page.url(), name, overflow });
  };

  const address = `${name}@example.org`;
  const anna = await visitor();
  await anna.page.goto(`${told.public}/account/register`);
  for (const [field, value] of [["day", "7"], ["month", "11"], ["year", "1985"]]) await anna.page.locator(`#${field}`).fill(value);
  await anna.press();
  await anna.page.locator("#email").fill(address);
  await anna.page.locator("#username").fill(name);
  await anna.press();
  await anna.page.goto(await link("confirm", address));
  await anna.press();

  await anna.open("/account");
  await anna.page.locator('.doors a[href^="/account/dependents"]').click();
  await look(anna.page);
  await anna.open("/account/dependents/new");
  const fill = async (child, month, year) => {
    for (const [field, value] of [["username", child], ["month", month], ["year", year]]) await anna.page.locator(`#${field}`).fill(value);
    await anna.press();
    await look(anna.page);
  };
  const child = `${name}.kid`;
  await fill(child, "13", String(new Date().getFullYear() - 9));
  const problem = await anna.page.locator(".problem").first().textContent();
  await fill(child, "4", String(new Date().getFullYear() - 9));
  const sent = await anna.heading();
  await anna.open("/account/dependents");
  await anna.page.locator("li.card h2 a").click();
  const waiting = await anna.page.locator(".note").first().textContent();
  const one = new URL(anna.page.url()).pathname;
  await look(anna.page);
  await anna.open(await link("guardian", address));
  await anna.press();
  const confirmed = await anna.heading();
  await look(anna.page);

  await anna.open(`${one}/choices`);
  const asked = await anna.page.locator("form section.card").count();
  const off = await anna.page.locator("section.settled").count();
  await anna.page.locator('label:has(input[name="map"][value="yes"])').click();
  await anna.page.locator('label:has(input[name="analytics"][value="no"])').click();
  await anna.press();
  const saved = await anna.page.locator(".note.good").textContent();
  await look(anna.page);
  await anna.open(one);
  await anna.press();
  const code = await anna.page.locator(".code-shown code").textContent();
  await look(anna.page);

  const kim = await visitor();
  await kim.open("/account/sign-in");
  await kim.page.locator('a[href^="/account/code"]').click();
  await kim.page.locator("#code").fill("BCDFGHJKLM");
  await kim.press();
  await look(kim.page);
  await kim.page.locator("#code").fill(code.toLowerCase());
  await kim.press();
  const home = await kim.page.locator(".note").first().textContent();
  await look(kim.page);
  const site = await (await kim.context.request.get(`${told.public}/told`)).text();
  await kim.open("/privacy/choices");
  const mine = await kim.page.locator('input[type="radio"][value="yes"]').evaluateAll((inputs) => inputs.map((input) => [input.name, input.checked]));
  await kim.page.locator('label:has(input[name="return-visits"][value="yes"])').click();
  await Promise.all([kim.page.waitForNavigation(), kim.page.locator(".save button").first().click()]);
  const refused = await kim.heading();
  await look(kim.page);

  await anna.open(`${one}/export`);
  const file = await anna.page.evaluate(() => document.querySelector("a[download]").href);
  const exported = await (await anna.context.request.get(file)).json();
  await anna.open(`${one}/erase`);
  await Promise.all([anna.page.waitForNavigation(), anna.page.locator("main form button").first().click()]);
  await look(anna.page);
  await anna.press();
  const erased = await anna.heading();
  await look(anna.page);
  await kim.page.goto(`${told.public}/account`);
  const after = new URL(kim.page.url()).pathname;
  await kim.context.close();
  await anna.context.close();
  const { account, dependent } = exported;
  return {
    problem, sent, waiting, confirmed, asked, off, saved, home, site, mine, refused, erased, after,
    exported: [account.username === child, account.email, /^\d{4}-(01|04|07|10)-01$/.test(dependent.passes_on)],
  };
}

// The newest link of a kind in the letters to an address.
async function link(kind, address) {
  const wanted = new RegExp(`http://\\S+/account/${kind}/[\\w-]{43}\\S*`);
  for (let waited = 0; waited < 200; waited += 1) {
    const letters = readdirSync(told.mail).filter((file) => file.endsWith(".eml")).map((file) => readFileSync(`${told.mail}/${file}`, "utf8"));
    const found = letters.filter((text) => text.includes(`To: ${address}`)).map((text) => text.match(wanted)?.[0]).find(Boolean);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no ${kind} letter came to ${address}`);
}
