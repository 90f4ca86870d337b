import { told } from "./launch.mjs";
import { browser, logged, open, person, settled } from "./visiting.mjs";
for (const path of told.pages) {
  const context = await person();
  const page = await context.newPage();
  await open(page, told.public + path);
  if (path === "/markup.html") await page.evaluate(() => document.getElementById("pinged").click()).catch(() => 0);
  if (path === "/script.html") await open(page, `${told.public}/`);
  await page.close(); await settled();
  const log = await logged();
  console.log(path, log.connections, JSON.stringify(log.ways));
  await context.close();
}
await browser.close();
