// A child's account is reported, and an operator decides: from the public form to the receipt. Every page is looked at in the light and in the dark.
import { mkdirSync } from "node:fs";
import { authenticator } from "./authenticator.mjs";
import { launch, listen, told } from "./launch.mjs";
import { looker } from "./look.mjs";
import { letters, link, written } from "./mail.mjs";

const [email, reporter] = ["kim@example.org", "aunt@example.org"];
const viewport = told.narrow ? { width: 360, height: 740 } : { width: 1280, height: 900 };
mkdirSync(told.pictures, { recursive: true });
const browser = await launch();
const [complaints, violations, sideways] = [[], [], []];
const looks = looker({ violations, sideways });
const saw = {};

const ada = await somebody();
await authenticator(ada.context, ada.page);
await ada.page.goto(told.link);
await ada.page.locator("#name").fill("Ada");
await Promise.all([ada.page.waitForURL(`${told.console}/`), ada.page.locator("[data-passkey] button").click()]);
await open(ada, `${told.console}/cases`);
saw.nothingWaits = (await ada.page.locator("main").innerText()).includes("Nothing waits.");
await look(ada, "none");

// Kim is too young, and said otherwise.
const kim = await somebody();
await open(kim, `${told.public}/account/register`);
for (const [field, value] of [["day", "7"], ["month", "11"], ["year", "1985"]]) await kim.page.locator(`#${field}`).fill(value);
await press(kim);
await kim.page.locator("#email").fill(email);
await kim.page.locator("#username").fill("kim");
await press(kim);
await open(kim, await link("confirm", email));
await press(kim);
saw.signedIn = await lands(kim);

const aunt = await somebody();
await open(aunt, `${told.public}/privacy`);
await Promise.all([aunt.page.waitForNavigation(), aunt.page.locator("footer a", { hasText: "Report a child" }).click()]);
await aunt.page.locator("#about").fill("Kim");
await aunt.page.locator("#message").fill("She is eleven, and in my class.");
await aunt.page.locator("#email").fill(reporter);
await press(aunt);
const followed = await aunt.page.locator("a.address").getAttribute("href");

await open(ada, `${told.console}/`);
saw.overview = await ada.page.locator('p.note:has(a[href="/cases"])').innerText();
await look(ada, "overview");
await open(ada, `${told.console}/cases`);
await look(ada, "list");
await Promise.all([ada.page.waitForNavigation(), ada.page.locator("table.rows td a").first().click()]);
const file = ada.page.url();
saw.username = await ada.page.locator("dl.facts dd").first().textContent();
saw.message = await ada.page.locator("p.written").textContent();
await look(ada, "file");

await press(ada, 'form[action$="/ask"] button');
saw.asked = await ada.page.locator("[role=status]").textContent();
saw.letter = await written(/belong to a child[^]*/, email);
await press(ada, 'form[action$="/answered"] button');
saw.answered = await ada.page.locator("[role=status]").textContent();
saw.stillSignedIn = await lands(kim);
await look(ada, "asked");

// Somebody signs Kim out everywhere first, and Kim signs in again: that decides nothing.
await open(ada, `${told.console}/people`);
await look(ada, "people");
await ada.page.locator("#whom").fill("nobody.at.all");
await press(ada);
await look(ada, "people-nobody");
await ada.page.locator("#whom").fill(email);
await press(ada);
await look(ada, "person");
await press(ada, 'form[action$="/sign-out"] button');
saw.personSignedOut = { said: await ada.page.locator("[role=status]").textContent(), kimLands: await lands(kim) };
await open(ada, `${told.console}/actions`);
await look(ada, "actions");
await askForALink(kim);
await open(kim, await link("sign-in", email));
await press(kim);
await open(ada, file);

const late = await somebody();
await askForALink(late);
// A link that was asked for before, and is not followed until it is too late.
const unused = await link("sign-in", email, 2);
await Promise.all([ada.page.waitForNavigation(), ada.page.locator('a[href$="/confirm"]').click()]);
saw.firstStep = { heading: await ada.page.locator("h1").textContent(), kimLands: await lands(kim) };
await look(ada, "confirm");
await press(ada, 'form[action$="/confirm"] button');
saw.confirmed = await ada.page.locator("[role=status]").textContent();
saw.atOnce = await lands(kim);
await look(ada, "confirmed");

await open(late, unused);
saw.unused = await late.page.locator("h1").textContent();
const linksBefore = letters().filter((letter) => letter.to === email && letter.text.includes("/account/sign-in/")).length;
await askForALink(late);
saw.toldApart = await late.page.locator("h1").textContent();
saw.goodbye = await written(/it is closed|this is the last letter/, email);

for (let waited = 0; waited < 600; waited += 1) {
  await open(ada, file);
  if ((await ada.page.locator(".badge").first().textContent()) === "deleted") break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
saw.deleted = await ada.page.locator("main").innerText();
await look(ada, "receipt");
const receipt = await ada.context.request.get(`${file}/receipt.json`);
saw.receipt = { status: receipt.status(), document: await receipt.json() };
saw.told = await written(/closed|deleted/, reporter);
await open(aunt, followed);
saw.step = await aunt.page.locator("[aria-current=step] strong").textContent();
await open(ada, `${told.console}/cases`);
await look(ada, "list-at-the-end");
// Whatever goes out at all was on its way by now: the reporter's letter was kept after what Kim asked for.
const linksAfter = letters().filter((letter) => letter.to === email && letter.text.includes("/account/sign-in/")).length;
saw.links = [linksBefore, linksAfter];

await browser.close();
console.log(JSON.stringify({ ...saw, complaints, violations, sideways }));

async function somebody() {
  // axe is put into the page, which the page's own content security policy would rightly refuse.
  const context = await browser.newContext({ viewport, bypassCSP: true, reducedMotion: "reduce" });
  const page = await context.newPage();
  listen(page, { complaints });
  return { context, page };
}

async function open(who, address) {
  await who.page.goto(address);
}

async function press(who, button = "main form button") {
  await Promise.all([who.page.waitForNavigation(), who.page.locator(button).first().click()]);
}

// Where somebody is who wants to see their account.
async function lands(who) {
  await who.page.goto(`${told.public}/account`);
  return new URL(who.page.url()).pathname;
}

async function askForALink(who) {
  await open(who, `${told.public}/account/sign-in`);
  await who.page.locator("#email").fill(email);
  await Promise.all([who.page.waitForNavigation(), who.page.locator("main form:not([hidden]) button").last().click()]);
}

async function look(who, name) {
  await looks(who.page, `case-${name}-${told.narrow ? "phone" : "desk"}`);
}
