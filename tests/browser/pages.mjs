// Looks at every page in four ways, and lets axe look too.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isSkipLink, launch, listen, told } from "./launch.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const own = ["/privacy", "/privacy/versions", "/privacy/versions/1", "/privacy/versions/1/changes", "/privacy/choices", "/privacy/me", "/privacy/no-such-page"];
const sizes = { wide: { width: 1280, height: 900 }, narrow: { width: 360, height: 740 } };

mkdirSync(told.pictures, { recursive: true });
const browser = await launch();
const violations = [];
const complaints = [];
const missing = [];
const sideways = [];
let addresses;

for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ["light", "dark"]) {
    // axe is put into the page, which the page's own content security policy would rightly refuse.
    const context = await browser.newContext({ viewport, colorScheme, bypassCSP: true, reducedMotion: "reduce" });
    const page = await context.newPage();
    addresses ??= told.only?.map((path) => told.public + path) ?? (await everyAddress(page));
    listen(page, { complaints, missing });
    for (const address of addresses) {
      await page.goto(address);
      const name = new URL(address).pathname.replaceAll("/", "-").slice(1) || "home";
      const place = address.startsWith(told.private) ? `console-${name}` : name;
      await page.screenshot({ path: `${told.pictures}/${place}.${size}.${colorScheme}.png`, fullPage: true });
      await page.evaluate(axe);
      const found = await page.evaluate(() => globalThis.axe.run());
      for (const violation of found.violations) {
        const nodes = violation.nodes.filter((node) => !isSkipLink(violation, node));
        if (nodes.length === 0) continue;
        violations.push({
          page: address,
          size,
          colorScheme,
          rule: violation.id,
          help: violation.help,
          at: nodes.map((node) => `${node.target.join(" ")}: ${node.html}`),
        });
      }
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (overflow > 0) sideways.push({ page: address, size, overflow });
    }
    await context.close();
  }
}
await browser.close();
// A page that does not exist is meant to be missed.
complaints.push(...missing.filter((path) => path !== "404 /privacy/no-such-page"));
console.log(JSON.stringify({ pages: addresses.length, violations, complaints, sideways }));

// Our own pages, the console, and every page the site's first page leads to.
async function everyAddress(page) {
  await page.goto(`${told.public}/`);
  const links = await page.$$eval("a[href]", (all) => all.map((link) => link.href.split("#")[0]));
  const site = links.filter((link) => link.startsWith(`${told.public}/`) && !link.startsWith(`${told.public}/privacy`));
  return [...new Set([`${told.public}/`, ...site, ...own.map((path) => told.public + path), `${told.private}/`])];
}
