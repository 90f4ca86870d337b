// Registers, and then does with the account all that can be done with it, down to deleting it: on a phone and on a desk, with script and without, light and dark.
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
    journeys.push({ size, script, ...(await journey(await browser.newContext(settings), `${size}${script ? "s" : "p"}`, script)) });
  }
}
await browser.close();
console.log(JSON.stringify({ journeys, violations, complaints, sideways }));

async function journey(context, name, script) {
  const page = await context.newPage();
  listen(page, { complaints });
  let shots = 0;
  const look = async () => {
    if (told.pictures) await page.screenshot({ path: `${told.pictures}/${name}-${(shots += 1)}.png`, fullPage: true });
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
  const open = async (path) => {
    await page.goto(path.startsWith("http") ? path : `${told.public}${path}`);
    await look();
  };
  const press = (button = "main form button") => Promise.all([page.waitForNavigation(), page.locator(button).first().click()]);
  const heading = () => page.locator("h1").textContent();
  const [old, next] = [`${name}@example.org`, `${name}-new@example.org`];

  await page.goto(`${told.public}/account/register`);
  for (const [field, value] of [["day", "7"], ["month", "11"], ["year", "1985"]]) await page.locator(`#${field}`).fill(value);
  await press();
  await page.locator("#email").fill(old);
  await page.locator("#username").fill(name);
  await press();
  await page.goto(await link("confirm", old));
  await press();
  const home = await heading();
  await look();

  await open("/account/username");
  await page.locator("#username").fill("root");
  await press();
  await look();
  await page.locator("#username").fill(`${name}.two`);
  await press();
  const renamed = await page.locator("dl strong").first().textContent();
  await look();

  await open("/account/email");
  await page.locator("#email").fill(next);
  await press();
  await look();
  await open(await link("email", next));
  await press();
  const moved = await heading();
  await look();
  await open("/account");
  const address = await page.locator("dl strong").nth(1).textContent();

  await open("/account/export");
  const file = await page.evaluate(() => document.querySelector("a[download]").href);
  const exported = await (await context.request.get(file)).json();
  await open("/privacy/me");
  const held = await page.locator("main").textContent();

  await open("/account/delete");
  await press();
  await look();
  await press();
  const closed = await heading();
  await look();
  await page.goto(`${told.public}/account`);
  const after = new URL(page.url()).pathname;
  await link("", next, /closed|deleted|gone/);
  await context.close();
  return { home, renamed, moved, address, exported: exported.account.email === next, held: held.includes(next), closed, after };
}

// The newest link of a kind in the letters to an address; or, without a kind, a letter that says this.
async function link(kind, address, says) {
  const wanted = says ?? new RegExp(`http://\\S+/account/${kind}/[\\w-]{43}\\S*`);
  for (let waited = 0; waited < 200; waited += 1) {
    const letters = readdirSync(told.mail).filter((file) => file.endsWith(".eml")).map((file) => readFileSync(`${told.mail}/${file}`, "utf8"));
    const found = letters.filter((text) => text.includes(`To: ${address}`)).map((text) => text.match(wanted)?.[0]).find(Boolean);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no ${kind} letter came to ${address}`);
}
