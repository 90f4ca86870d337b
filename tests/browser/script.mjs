// A page of the site that asks our script what is permitted, and says yes to something through it.
import { launch, listen, told } from "./launch.mjs";

const browser = await launch();
const page = await browser.newPage();
const complaints = [];
listen(page, { complaints });
await page.goto(`${told.public}/scripted`);
const before = await page.evaluate(() => window.candor.allows("analytics"));
const { after, changed } = await page.evaluate(async () => {
  let changed;
  window.candor.addEventListener("change", (event) => (changed = event.detail.changed));
  await window.candor.choose({ analytics: true });
  return { after: window.candor.allows("analytics"), changed };
});
await page.evaluate(() => window.candor.prefer({ "text-size": "large" }));
await page.reload();
const preferences = await page.evaluate(() => window.candor.preferences);
const reloaded = await page.evaluate(() => window.candor.allows("analytics"));
await browser.close();
console.log(JSON.stringify({ before, after, changed, reloaded, preferences, complaints }));
