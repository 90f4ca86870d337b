// Reads the documentation of Rust as a person would: follows links, searches, and counts what the browser asked for.
import { launch, listen, told } from "./launch.mjs";

const browser = await launch();
const context = await browser.newContext();
const page = await context.newPage();
const complaints = [];
listen(page, complaints);
let asked = 0;
context.on("response", (response) => {
  if (response.url().startsWith(told.public) && !response.fromServiceWorker()) asked += 1;
});

await page.goto(`${told.public}/index.html`, { waitUntil: "networkidle" });
let followed = 0;
await follow("/std/index.html");
for (const link of await links(12)) await follow(link);
await page.goto(`${told.public}/book/index.html`, { waitUntil: "networkidle" });
for (const link of await links(8)) await follow(link);

await page.goto(`${told.public}/std/index.html`, { waitUntil: "networkidle" });
await page.keyboard.press("s");
await page.keyboard.type("HashMap");
await page.waitForSelector(".search-results a", { timeout: 30_000 });
await page.waitForLoadState("networkidle");
const found = (await page.locator(".search-results a").allInnerTexts()).slice(0, 5);
await page.locator(".search-results a").first().click();
await page.waitForLoadState("networkidle");
const title = await page.title();
await browser.close();
console.log(JSON.stringify({ followed, found, title, asked, complaints }));

async function follow(path) {
  const answer = await page.goto(new URL(path, told.public).href, { waitUntil: "networkidle" });
  if (answer.status() !== 200) complaints.push(`${path}: ${answer.status()}`);
  followed += 1;
}

async function links(count) {
  const all = await page.$$eval("main a[href], #main-content a[href]", (found) => found.map((link) => link.href.split("#")[0]));
  const own = all.filter((link) => link.startsWith(`${told.public}/`) && link.endsWith(".html"));
  return [...new Set(own)].slice(0, count).map((link) => new URL(link).pathname);
}
