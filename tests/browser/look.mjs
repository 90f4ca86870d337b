// Looks at pages as somebody would who checks that everybody can use them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isSkipLink, told } from "./launch.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// axe is a script, so without script there is nothing to look with; the pages are the same. Colours are looked at twice, in the light and in the dark.
export const looker = ({ violations, sideways, script = true }) => async (page, name) => {
  if (!script) return;
  const schemes = ["dark", "light"];
  for (const scheme of schemes) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    if (told.pictures) await page.screenshot({ path: `${told.pictures}/${name}-${scheme}.png`, fullPage: true });
    if (scheme === schemes[0]) await page.evaluate(axe);
    // Everything but the colours is the same in both.
    const found = await page.evaluate((rules) => globalThis.axe.run(rules), scheme === schemes[0] ? { runOnly: ["color-contrast"] } : {});
    for (const violation of found.violations) {
      const nodes = violation.nodes.filter((node) => !isSkipLink(violation, node));
      if (nodes.length > 0) violations.push({ page: page.url(), scheme, rule: violation.id, at: nodes.map((node) => node.html) });
    }
  }
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (overflow > 0) sideways.push({ page: page.url(), name, overflow });
};
