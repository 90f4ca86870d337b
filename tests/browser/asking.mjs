// The demo site as somebody meets it: asked on the page, shown what was held back, with cookies and without.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isSkipLink, launch, listen, told } from "./launch.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
mkdirSync(told.pictures, { recursive: true });
const browser = await launch();
const complaints = [];

async function open(options) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  listen(page, { complaints });
  return { context, page };
}
const picture = (page, name) => page.screenshot({ path: `${told.pictures}/asking-${name}.png`, fullPage: true });
const banners = (page) => page.locator(".candor-banner").count();

// Without script: the map is held back, and one click in its place allows it.
const { context, page } = await open();
await page.goto(`${told.public}/find-us`);
const held = { banner: await banners(page), box: await page.locator(".candor-held").innerText(), frames: await page.locator("iframe").count() };
await picture(page, "find-us");
await page.locator(".candor-held button").click();
const allowed = { at: new URL(page.url()).pathname, boxes: await page.locator(".candor-held").count(), frames: await page.locator("iframe").count() };
await page.goto(`${told.public}/`);
const tips = await page.locator(".candor-held").innerText();
await picture(page, "home");
await page.getByRole("button", { name: "Refuse", exact: true }).click();
const refused = { banner: await banners(page), at: new URL(page.url()).pathname };
await context.close();

// In Spanish, on a phone, in the dark: all three controls are there without scrolling, in one size.
const spanish = await open({ locale: "es", colorScheme: "dark", viewport: { width: 360, height: 740 } });
await spanish.page.goto(`${told.public}/find-us`);
const language = await spanish.page.locator(".candor-banner").getAttribute("lang");
const controls = await spanish.page.locator(".candor-banner .candor-act").evaluateAll((all) =>
  all.map((one) => {
    const { top, bottom, width, height } = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    const look = [style.color, style.backgroundColor, style.borderColor, style.fontSize, style.fontWeight].join(" ");
    return { seen: top >= 0 && bottom <= innerHeight, size: `${width} ${height}`, look };
  }),
);
await picture(spanish.page, "find-us.narrow.dark.es");
await spanish.context.close();

// A browser that keeps no cookie: it says so, and can put the banner away.
const bare = await open();
await bare.page.goto(`${told.public}/find-us`);
await bare.page.getByRole("button", { name: "Refuse", exact: true }).click();
const answered = new URL(bare.page.url()).hash;
await bare.context.clearCookies();
await bare.page.reload();
const cookieless = { answered, says: await bare.page.locator("#candor-answered").innerText(), height: (await bare.page.locator(".candor-banner").boundingBox()).height };
await bare.page.locator(".candor-banner summary").click();
cookieless.putAway = (await bare.page.locator(".candor-banner").boundingBox()).height;
await bare.context.close();

// What axe says, which needs script, and whether anything moves or is covered.
const looked = await open({ javaScriptEnabled: true, bypassCSP: true, viewport: { width: 640, height: 450 } });
const violations = [];
const covered = [];
for (const path of ["/find-us", "/"]) {
  await looked.page.goto(told.public + path);
  await looked.page.evaluate(axe);
  const found = await looked.page.evaluate(() => globalThis.axe.run());
  violations.push(...found.violations.flatMap((one) => one.nodes.filter((node) => !isSkipLink(one, node)).map((node) => `${path} ${one.id}: ${node.html}`)));
  covered.push(...(await looked.page.evaluate(async () => {
    const top = document.querySelector(".candor-banner").getBoundingClientRect().top;
    const hidden = [];
    for (const one of document.querySelectorAll("main a, main button, footer a, .candor-summary summary")) {
      one.focus();
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (document.activeElement === one && one.getBoundingClientRect().top >= top) hidden.push(one.textContent);
    }
    return hidden;
  })));
}
await browser.close();
console.log(JSON.stringify({ held, allowed, tips, refused, language, controls, cookieless, violations, covered, complaints }));
