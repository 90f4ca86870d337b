// Registers, confirms by the mailed link, signs out, signs in by another, on a phone and on a desk, with script and without; and comes too young.
import { launch, listen, told } from "./launch.mjs";
import { looker } from "./look.mjs";
import { link } from "./mail.mjs";

const sizes = { desk: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };
const browser = await launch();
const [journeys, violations, complaints, sideways] = [[], [], [], []];

for (const [size, viewport] of Object.entries(sizes)) {
  for (const script of [true, false]) {
    // axe is put into the page, which the page's own content security policy would rightly refuse. A page that is still scrolling cannot be clicked
    // on without script: the one who clicks could not wait for it.
    const settings = { viewport, javaScriptEnabled: script, bypassCSP: script, reducedMotion: "reduce", locale: told.language };
    journeys.push({ size, script, ...(await journey(await browser.newContext(settings), `${size}${script ? "s" : "p"}`, script)) });
  }
}
await browser.close();
console.log(JSON.stringify({ journeys, violations, complaints, sideways }));

async function journey(context, name, script) {
  const page = await context.newPage();
  listen(page, { complaints });
  const address = `${name}@example.org`;
  let shots = 0;
  const looks = looker({ violations, sideways, script });
  const look = () => looks(page, `registering-${name}-${(shots += 1)}`);
  const press = () => Promise.all([page.waitForNavigation(), page.locator("main form button").click()]);
  const born = async (day, month, year) => {
    await page.locator("#day").fill(day);
    await page.locator("#month").fill(month);
    await page.locator("#year").fill(year);
    await look();
    await press();
  };

  await page.goto(`${told.public}/account/register?return=%2Fboard`);
  await born("7", "11", "1985");
  await page.locator("#email").fill(address);
  await page.locator("#username").fill("root");
  await press();
  const refusedName = await page.locator("#username-problem").textContent();
  await look();
  await page.locator("#username").fill(name);
  await press();
  const mailed = new URL(page.url()).pathname;
  await look();
  await page.goto(await link("confirm", address));
  await look();
  await press();
  const arrived = new URL(page.url()).pathname;

  await page.goto(`${told.public}/account`);
  await look();
  await context.clearCookies();
  await page.goto(`${told.public}/account/sign-in`);
  await look();
  await page.locator("#email").fill(address);
  await press();
  await look();
  const signIn = await link("sign-in", address);
  await page.goto(signIn);
  await look();
  await press();
  const home = new URL(page.url()).pathname;
  const session = (await context.cookies()).filter((cookie) => cookie.name === "candor-visit").length;
  await page.goto(signIn);
  const again = await page.locator("h1").textContent();
  await look();

  await context.clearCookies();
  await page.goto(`${told.public}/account/register`);
  await born("7", "11", String(new Date().getFullYear() - 9));
  const refused = await page.locator("h1").textContent();
  await look();
  await page.goBack();
  if (await page.locator("#day").count()) await born("7", "11", "1985");
  const back = await page.locator("h1").textContent();
  await context.close();
  return { refusedName, mailed, arrived, home, session, again, refused, back };
}
