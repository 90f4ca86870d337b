// An operator counts visits for a purpose: the form, its answer, what is refused, and the same without script.
import { mkdirSync } from "node:fs";
import { authenticator } from "./authenticator.mjs";
import { launch, listen, told } from "./launch.mjs";
import { looker } from "./look.mjs";

const viewport = told.narrow ? { width: 360, height: 740 } : { width: 1280, height: 900 };
mkdirSync(told.pictures, { recursive: true });
const browser = await launch();
const [complaints, violations, sideways] = [[], [], []];
const look = looker({ violations, sideways });
const saw = {};

// axe is put into the page, which the page's own content security policy would rightly refuse.
const context = await browser.newContext({ viewport, bypassCSP: true, reducedMotion: "reduce" });
const page = await context.newPage();
listen(page, { complaints });
await authenticator(context, page);
await page.goto(told.link);
await page.locator("#name").fill("Ada");
await Promise.all([page.waitForURL(`${told.console}/`), page.locator("[data-passkey] button").click()]);

await Promise.all([page.waitForNavigation(), page.locator("nav a", { hasText: "Visits" }).click()]);
saw.tables = await page.locator("table").count();
await look(page, `form-${kind()}`);
saw.purposes = await page.locator("#purpose option").evaluateAll((options) => options.map((option) => option.value));

await count(page, { purpose: "operate", by: "page", path: "/articles/*" });
saw.url = page.url().slice(told.console.length);
saw.rows = await page.locator("table.counts tbody tr").evaluateAll((rows) =>
  rows.map((row) => [row.cells[0].innerText.trim(), row.cells[1].innerText.trim(), row.querySelector("meter")?.value ?? null]),
);
saw.chosen = [await page.locator("#purpose").inputValue(), await page.locator("#path").inputValue()];
await look(page, `pages-${kind()}`);
await count(page, { purpose: "operate", by: "day", path: "" });
await look(page, `days-${kind()}`);
await count(page, { purpose: "operate", by: "browser", path: "" });
await look(page, `browsers-${kind()}`);

await count(page, { purpose: "analytics", by: "page", ip: "198.51.100.1" });
saw.refused = await page.locator("[role=alert]").innerText();
await look(page, `refused-${kind()}`);

// The same with the keyboard alone, and without script.
const plain = await browser.newContext({ viewport, javaScriptEnabled: false });
await plain.addCookies(await context.cookies());
const without = await plain.newPage();
listen(without, { complaints });
await without.goto(`${told.console}/visits`);
await without.locator("#purpose").selectOption("operate");
await without.locator("#path").fill("/articles/*");
await Promise.all([without.waitForNavigation(), without.locator("#path").press("Enter")]);
saw.withoutScript = await without.locator("table.counts tbody tr").count();

await browser.close();
console.log(JSON.stringify({ ...saw, complaints, violations, sideways }));

function kind() {
  return told.narrow ? "narrow" : "wide";
}

async function count(page, { purpose, by, path, ip }) {
  await page.locator("#purpose").selectOption(purpose);
  await page.locator("#by").selectOption(by);
  if (path !== undefined) await page.locator("#path").fill(path);
  if (ip !== undefined) await page.locator("#ip").fill(ip);
  await Promise.all([page.waitForNavigation(), page.locator("form.filters button").click()]);
}
