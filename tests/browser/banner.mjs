// Our banner in pages under Content-Security-Policies of the site's own: seen, in nobody's way, and answered through.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { told } from "./launch.mjs";
import { browser, finish, open, person } from "./visiting.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sizes = { wide: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };

const saw = {};
for (const path of told.pages) saw[path] = await look(path);
const pictures = await picture();
await finish({ saw, pictures });

async function look(path) {
  const context = await person();
  await context.addInitScript(watch);
  const page = await context.newPage();
  const refused = [];
  page.on("console", (message) => {
    // What a browser says of a policy that is written wrongly is about the site.
    if (/violates the following|Refused to/i.test(message.text())) refused.push(message.text());
  });
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await open(page, told.public + path);
  const seen = await page.evaluate(measure);
  const violations = [...refused];
  const requests = asked.filter((asked) => asked.startsWith("/privacy"));
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(".candor-banner"));
  const axed = found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(" ")}`);

  // The second of the answers is the no; where forms are forbidden it leads to the page with all choices.
  const second = page.locator(".candor-banner .candor-act").nth(1);
  await Promise.all([page.waitForNavigation(), second.click()]);
  const byForm = new URL(page.url()).pathname !== "/privacy/choices";
  if (!byForm) {
    for (const radio of await page.locator('input[type="radio"][value="no"]').all()) await radio.check();
    await Promise.all([page.waitForNavigation(), page.locator('.save [type="submit"]').click()]);
  }
  await open(page, told.public + path);
  const askedAgain = await page.locator(".candor-banner").count();
  await context.close();
  return { ...seen, violations, requests, axed, byForm, askedAgain };
}

// Runs in the page before anything of the page does.
function watch() {
  globalThis.watched = { shift: 0, shifted: [], violations: [] };
  const place = (box) => `${box.x},${box.y} ${box.width}x${box.height}`;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      globalThis.watched.shift += entry.value;
      const moves = entry.sources.map(({ node, previousRect, currentRect }) => `${node?.nodeName} ${place(previousRect)} to ${place(currentRect)}`);
      globalThis.watched.shifted.push(...moves);
    }
  }).observe({ type: "layout-shift", buffered: true });
  addEventListener("securitypolicyviolation", (event) => {
    globalThis.watched.violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
  });
}

function measure() {
  const banner = document.querySelector(".candor-banner");
  const box = banner?.getBoundingClientRect();
  const answers = [...(banner?.querySelectorAll(".candor-act") ?? [])].map((answer) => {
    const { x, y, width, height } = answer.getBoundingClientRect();
    const top = document.elementFromPoint(x + width / 2, y + height / 2);
    return { width: Math.round(width), height: Math.round(height), y: Math.round(y), onTop: top === answer || answer.contains(top) };
  });
  return {
    isThere: banner !== null,
    isFirst: document.body.firstElementChild === banner || document.body.firstElementChild?.tagName === "STYLE",
    position: banner && getComputedStyle(banner).position,
    isInView: box && box.height > 40 && box.top >= 0 && box.bottom <= innerHeight + 1,
    height: box && Math.round(box.height),
    answers,
    shift: globalThis.watched.shift,
    shifted: globalThis.watched.shifted,
    blocked: globalThis.watched.violations,
    blocking: performance.getEntriesByType("resource").filter((entry) => entry.renderBlockingStatus === "blocking").length,
    scripts: banner?.querySelectorAll("script, [onclick]").length,
  };
}

// For whoever wants to look; never compared.
async function picture() {
  mkdirSync(told.pictures, { recursive: true });
  const taken = [];
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
      const page = await context.newPage();
      for (const [name, path] of Object.entries(told.pictured)) {
        await open(page, told.public + path);
        for (const full of [false, true]) {
          const file = `${told.pictures}/${name}.${size}.${colorScheme}${full ? ".full" : ""}.png`;
          await page.screenshot({ path: file, fullPage: full });
          taken.push(file);
        }
      }
      await context.close();
    }
  }
  return taken;
}
