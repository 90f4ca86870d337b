// Reports an account with script and without, on a phone and on a desk, and follows the report.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isSkipLink, launch, listen, told } from "./launch.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sizes = { desk: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };
const browser = await launch();
const [journeys, violations, complaints, sideways] = [[], [], [], []];

for (const [size, viewport] of Object.entries(sizes)) {
  for (const script of [true, false]) {
    // axe is put into the page, which the page's own content security policy would rightly refuse.
    const settings = { viewport, javaScriptEnabled: script, bypassCSP: script, colorScheme: script ? "light" : "dark" };
    journeys.push({ size, script, ...(await journey(await browser.newContext(settings), `${size}-${script}`, script)) });
  }
}
await browser.close();
console.log(JSON.stringify({ journeys, violations, complaints, sideways }));

async function journey(context, name, script) {
  const page = await context.newPage();
  listen(page, { complaints });
  const look = async (picture) => {
    if (told.pictures) await page.screenshot({ path: `${told.pictures}/report-${picture}-${name}.png`, fullPage: true });
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
  const press = () => Promise.all([page.waitForNavigation(), page.locator("main form button").click()]);

  await page.goto(`${told.public}/privacy`);
  await Promise.all([page.waitForNavigation(), page.locator("footer a", { hasText: "Report a child" }).click()]);
  await look("form");
  const trap = await page.locator("#website").boundingBox();
  await page.locator("#about").fill(`child-${name}`);
  await page.locator("#message").fill("She is eleven, and in my class.");
  await page.locator("#email").fill("no address");
  await press();
  const problem = await page.locator("#email-problem").textContent();
  await look("problem");
  await page.locator("#email").fill("aunt@example.org");
  await press();
  const thanks = await page.locator("h1").textContent();
  await look("sent");
  const address = await page.locator("a.address").getAttribute("href");
  await page.goto(address);
  const step = await page.locator("[aria-current=step] strong").textContent();
  await look("followed");
  await context.close();
  return { trapSeen: trap !== null && trap.x + trap.width > 0, problem, thanks, step };
}
