// Registers, and then does with the account all that can be done with it, down to deleting it: on a phone and on a desk, with script and without, light and dark.
import { launch, listen, told } from "./launch.mjs";
import { looker } from "./look.mjs";
import { link, written } from "./mail.mjs";

const sizes = { desk: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };
const browser = await launch();
const [journeys, violations, complaints, sideways] = [[], [], [], []];

for (const [size, viewport] of Object.entries(sizes)) {
  for (const script of [true, false]) {
    // axe is put into the page, which the page's own content security policy would rightly refuse. A page that is still scrolling cannot be clicked
    // on without script: the one who clicks could not wait for it.
    const headers = { "X-Forwarded-For": `203.0.${journeys.length}.7` };
    const settings = { viewport, javaScriptEnabled: script, bypassCSP: script, reducedMotion: "reduce", locale: told.language, extraHTTPHeaders: headers };
    journeys.push({ size, script, ...(await journey(() => browser.newContext(settings), `${size}${script ? "s" : "p"}`, script)) });
  }
}
await browser.close();
console.log(JSON.stringify({ journeys, violations, complaints, sideways }));

async function journey(anotherBrowser, name, script) {
  const [context, elsewhere] = [await anotherBrowser(), await anotherBrowser()];
  const [page, other] = [await context.newPage(), await elsewhere.newPage()];
  listen(page, { complaints });
  let shots = 0;
  const looks = looker({ violations, sideways, script });
  const look = () => looks(page, `account-${name}-${(shots += 1)}`);
  const open = async (path) => {
    await page.goto(path.startsWith("http") ? path : `${told.public}${path}`);
    await look();
  };
  const press = (button = "main form button") => Promise.all([page.waitForNavigation(), page.locator(button).first().click()]);
  const heading = () => page.locator("h1").textContent();
  const [old, next] = [`${name}@example.org`, `${name}-new@example.org`];

  await page.goto(`${told.public}/account/register`);
  for (const [field, value] of [["day", "7"], ["month", "11"], ["year", "1985"]]) await page.locator(`#${field}`).fill(value);
  await press();
  await page.locator("#email").fill(old);
  await page.locator("#username").fill(name);
  await press();
  await page.goto(await link("confirm", old));
  await press();
  const home = await heading();
  await look();

  await open("/account/username");
  await page.locator("#username").fill("root");
  await press();
  await look();
  await page.locator("#username").fill(`${name}.two`);
  await press();
  const renamed = await page.locator("dl strong").first().textContent();
  await look();

  await open("/account/email");
  await page.locator("#email").fill(next);
  await press();
  await look();
  await open(await link("email", next));
  await press();
  const moved = await heading();
  await look();
  await open("/account");
  const isSignedIn = async (page) => (await page.goto(`${told.public}/account`)).url() === `${told.public}/account`;
  const signInBy = async (page, address, number) => {
    await page.goto(`${told.public}/account/sign-in`);
    await page.locator("#email").fill(address);
    await Promise.all([page.waitForNavigation(), page.locator("main form:not([hidden]) button").last().click()]);
    await page.goto(await link("sign-in", address, number));
    await Promise.all([page.waitForNavigation(), page.locator("main form button").first().click()]);
  };
  const address = await page.locator("dl strong").nth(1).textContent();

  // Somewhere else, too; and that ends from here. Then whoever reads the old address's mail takes the account back, and everybody is out.
  await signInBy(other, next, 1);
  const elsewhereBefore = await isSignedIn(other);
  await open("/account");
  const listed = await page.locator("main li.card").count();
  await press('button[value="others"]');
  await look();
  const elsewhereAfter = await isSignedIn(other);
  await open(await link("email/back", old));
  await press();
  const takenBack = await heading();
  await look();
  const afterBack = await isSignedIn(page);
  await signInBy(page, old, 1);
  await open("/account");
  const restored = await page.locator("dl strong").nth(1).textContent();
  await signInBy(other, old, 2);
  await press('button[value="all"]');
  await look();
  const everywhere = { here: await isSignedIn(page), elsewhere: await isSignedIn(other) };
  await signInBy(page, old, 3);
  const sessions = { elsewhereBefore, listed, elsewhereAfter, takenBack, afterBack, restored, everywhere };

  await open("/account/export");
  const file = await page.evaluate(() => document.querySelector("a[download]").href);
  const exported = await (await context.request.get(file)).json();
  await open("/privacy/me");
  const held = await page.locator("main").textContent();

  await open("/account/delete");
  await press();
  await look();
  await press();
  const closed = await heading();
  await look();
  await page.goto(`${told.public}/account`);
  const after = new URL(page.url()).pathname;
  await written(/closed|deleted|gone|cerrad/, old);
  await Promise.all([context.close(), elsewhere.close()]);
  return { home, renamed, moved, address, sessions, exported: exported.account.email === old, held: held.includes(old), closed, after };
}
