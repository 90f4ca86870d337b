// Reads the documentation of Rust as a person would: follows links, searches, opens what was found, and says what it met.
import { launch, listen, told } from "./launch.mjs";

const QUIET_MS = 300;

const browser = await launch();
const context = await browser.newContext();
const page = await context.newPage();
const complaints = [];
const missing = [];
listen(page, { complaints, missing });
const waiting = new Set();
let asked = 0;
let quietSince = Date.now();
page.on("request", (request) => {
  if (request.url().startsWith("http")) asked += 1;
  waiting.add(request);
});
for (const end of ["requestfinished", "requestfailed"]) {
  page.on(end, (request) => {
    waiting.delete(request);
    quietSince = Date.now();
  });
}

let followed = 0;
await follow("/index.html");
await follow("/std/index.html");
for (const link of await links(12)) await follow(link);
await follow("/cargo/index.html");
for (const link of await links(12)) await follow(link);

await follow("/std/index.html");
await page.keyboard.press("s");
await page.keyboard.type("HashMap");
await page.waitForSelector(".search-results a", { timeout: 30_000 });
await quiet();
const found = (await page.locator(".search-results a .path, .search-results a .result-name").allInnerTexts()).slice(0, 3);
await page.locator(".search-results a").first().click();
await page.waitForLoadState("load");
await quiet();
const title = await page.title();
await browser.close();
const said = complaints.map((complaint) => complaint.replaceAll(told.public, ""));
console.log(JSON.stringify({ followed, found, title, asked, complaints: said.sort(), missing: missing.sort() }));

async function follow(path) {
  await page.goto(new URL(path, told.public).href, { waitUntil: "load" });
  await quiet();
  followed += 1;
}

// A page is left only when nothing is on its way any more: a request that is cut off could be seen by one side and not by the other.
async function quiet() {
  quietSince = Date.now();
  while (waiting.size > 0 || Date.now() - quietSince < QUIET_MS) await page.waitForTimeout(50);
}

async function links(count) {
  const all = await page.$$eval("main a[href], #main-content a[href], mdbook-sidebar-scrollbox a[href], nav a[href]", (found) =>
    found.map((link) => link.href.split("#")[0]),
  );
  const own = all.filter((link) => link.startsWith(`${told.public}/`) && link.endsWith(".html"));
  return [...new Set(own)].slice(0, count).map((link) => new URL(link).pathname);
}
