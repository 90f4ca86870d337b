// The console, from the link of its first owner to the removal of the second operator. Each has an authenticator that Chromium plays.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { another, authenticator } from "./authenticator.mjs";
import { isSkipLink, launch, listen, told } from "./launch.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const kind = told.narrow ? "narrow" : "wide";
mkdirSync(told.pictures, { recursive: true });
const browser = await launch();
const [complaints, violations, sideways] = [[], [], []];
const saw = {};

const ada = await operator();
await ada.page.goto(told.link);
await look(ada.page, "setup");
saw.first = await follow(ada.page, told.link, "Ada");
saw.cookie = (await ada.context.cookies()).filter((one) => one.name.includes("console")).map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }));
for (const path of ["", "operators", "passkeys", "actions"]) {
  await ada.page.goto(`${told.console}/${path}`);
  await look(ada.page, path || "overview");
}

await signOut(ada.page);
saw.signedOut = { at: path(ada.page), overview: await lands(ada.page, "/"), said: await ada.page.locator("main .note.good").count() };
await ada.page.goto(`${told.console}/sign-in`);
await look(ada.page, "sign-in");
saw.again = (await ada.page.goto(told.link)).status();
await look(ada.page, "used-link");
await ada.page.goto(`${told.console}/operators`);
await signIn(ada.page);
saw.signedIn = path(ada.page);

await ada.page.locator('form[action="/operators/invite"] button').click();
const invitation = await ada.page.locator("code.link").textContent();
await look(ada.page, "invited");
const bea = await operator();
await bea.page.goto(invitation);
await look(bea.page, "invitation");
saw.second = await follow(bea.page, invitation, "Bea");
saw.tabs = await bea.page.locator("nav a").allTextContents();
saw.forOwners = (await bea.page.goto(`${told.console}/actions`)).status();
await look(bea.page, "for-owners");

await ada.page.goto(`${told.console}/operators`);
saw.operators = await ada.page.locator("section.card h2").allTextContents();
await ada.page.locator("section.card", { hasText: "Bea" }).locator("summary").click();
await look(ada.page, "removing");
await Promise.all([ada.page.waitForURL(/said=removed/), ada.page.locator('section.card:has-text("Bea") button').click()]);
saw.left = await ada.page.locator("section.card h2").allTextContents();
saw.beaLands = await lands(bea.page, "/");
saw.beaIsTold = await refused(bea.page);

await ada.page.goto(`${told.console}/passkeys`);
await ada.devtools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: ada.authenticatorId });
await another(ada.devtools);
await ada.page.locator("#new-name").fill("Second key");
await Promise.all([ada.page.waitForURL(/said=added/), ada.page.locator("[data-passkey] button").click()]);
saw.passkeys = (await ada.page.locator("section.card h2").allTextContents()).map((name) => name.replace(/,.*/, ""));
await ada.page.locator("section.card", { hasText: "First passkey" }).locator("summary").click();
await look(ada.page, "two-passkeys");
await Promise.all([ada.page.waitForURL(/said=removed/), ada.page.locator('section.card:has-text("First passkey") form button').click()]);
saw.onePasskey = await ada.page.locator("section.card h2").allTextContents();
await signOut(ada.page);
await ada.page.goto(`${told.console}/actions`);
await signIn(ada.page);
saw.actions = (await ada.page.locator("ol.events li p:first-child").allTextContents()).map((text) => text.trim());
await look(ada.page, "actions-at-the-end");

// Without script everything works but passkeys themselves.
const plain = await browser.newContext({ javaScriptEnabled: false });
const page = await plain.newPage();
listen(page, { complaints });
await page.goto(`${told.console}/sign-in`);
saw.withoutScript = await page.locator(".note.warning").innerText();
await plain.addCookies(await ada.context.cookies());
await page.goto(`${told.console}/operators`);
await page.locator('form[action="/operators/invite"] button').click();
saw.invitedWithoutScript = (await page.locator("code.link").textContent()).startsWith(`${told.console}/invitation/`);
await page.goto(`${told.console}/passkeys`);
await page.locator('form[action="/sign-out/everywhere"] button').click();
saw.everywhere = await lands(ada.page, "/");

await ada.page.goto(`${told.number}/operators`);
saw.byNumber = ada.page.url();
await browser.close();
console.log(JSON.stringify({ ...saw, complaints, violations, sideways }));

async function operator() {
  const viewport = told.narrow ? { width: 360, height: 740 } : { width: 1280, height: 900 };
  // axe is put into the page, which the page's own content security policy would rightly refuse.
  const context = await browser.newContext({ viewport, bypassCSP: true, colorScheme: told.narrow ? "dark" : "light", reducedMotion: "reduce" });
  const page = await context.newPage();
  listen(page, { complaints });
  await page.addInitScript(() => {
    if (globalThis.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
  return { context, page, ...(await authenticator(context, page)) };
}

// Says what they are called, and makes a passkey.
async function follow(page, link, name) {
  await page.goto(link);
  await page.locator("#name").fill(name);
  await Promise.all([page.waitForURL(`${told.console}/`), page.locator("[data-passkey] button").click()]);
  return { heading: await page.locator("h1").textContent(), as: (await page.locator("footer p").textContent()).trim() };
}

async function signOut(page) {
  await Promise.all([page.waitForURL(/signed-out/), page.locator('form[action="/sign-out"] button').click()]);
}

async function signIn(page) {
  await Promise.all([page.waitForURL((url) => url.pathname !== "/sign-in"), page.locator("[data-passkey] button").click()]);
}

async function refused(page) {
  await page.goto(`${told.console}/sign-in`);
  await page.locator("[data-passkey] button").click();
  await page.waitForFunction(() => !document.querySelector("[data-passkey] button").disabled);
  return page.locator(".passkey-said").textContent();
}

async function lands(page, on) {
  await page.goto(told.console + on);
  return path(page);
}

function path(page) {
  return new URL(page.url()).pathname;
}

async function look(page, name) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run());
  for (const violation of found.violations) {
    const nodes = violation.nodes.filter((node) => !isSkipLink(violation, node));
    if (nodes.length > 0) violations.push(`${name}: ${violation.id}: ${nodes.map((node) => node.html).join(" ")}`);
  }
  if (await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)) sideways.push(name);
  await page.screenshot({ path: `${told.pictures}/${name}-${kind}.png`, fullPage: true });
}
