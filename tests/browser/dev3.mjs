import { told } from "./launch.mjs";
import { browser, open, person } from "./visiting.mjs";
for (const path of told.pages) {
  const context = await person();
  const page = await context.newPage();
  const messages = [];
  page.on("console", (m) => messages.push(m.text()));
  await open(page, told.public + path);
  const second = page.locator(".candor-banner .candor-act").nth(1);
  console.log(path, await page.locator(".candor-banner").count(), await second.evaluate((e) => e.outerHTML).catch((e) => "none"));
  await second.click({ timeout: 3000 }).catch((e) => console.log("  CLICK", String(e).slice(0, 300)));
  await page.waitForTimeout(700);
  console.log("   ->", page.url(), messages.join(" | ").slice(0, 600));
  await context.close();
}
await browser.close();
