// Somebody with a passkey, kept by an authenticator that Chromium plays: adds it, signs out, signs in with it, names it, removes it. `told.journey` says
// what else.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { launch, listen, told } from "./launch.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await launch();
const complaints = [];
const violations = [];
const sideways = [];

const journeys = { whole, copied, replayed, elsewhere };
const saw = await journeys[told.journey]();
await browser.close();
console.log(JSON.stringify({ ...saw, complaints, violations, sideways }));

// A browser with an authenticator in it that checks its owner.
async function visitor({ narrow = false, language = "en-GB", script = true } = {}) {
  const viewport = narrow ? { width: 360, height: 740 } : { width: 1280, height: 900 };
  const context = await browser.newContext({ viewport, locale: language, javaScriptEnabled: script, isMobile: narrow });
  const page = await context.newPage();
  listen(page, { complaints });
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { context, page, devtools, authenticatorId };
}

async function signInByLink(page, link) {
  await page.goto(link);
  await Promise.all([page.waitForNavigation(), page.locator("main button").click()]);
}

async function add(page, name) {
  await page.goto(`${told.public}/account/passkeys`);
  await page.locator("#new-name").fill(name);
  await Promise.all([page.waitForURL(/said=added/), page.locator("[data-passkey] button").click()]);
}

async function signOut(page) {
  await page.context().clearCookies();
}

async function signIn(page) {
  await page.goto(`${told.public}/account/sign-in?return=/account/passkeys`);
  await Promise.all([page.waitForURL(/account\/passkeys/), page.locator("[data-passkey] button").click()]);
}

async function look(page, name) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run());
  violations.push(...found.violations.map((violation) => `${name}: ${violation.id}: ${violation.nodes.map((node) => node.html).join(" ")}`));
  if (await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)) sideways.push(name);
  if (told.pictures) await page.screenshot({ path: `${told.pictures}/${name}.png`, fullPage: true });
}

async function names(page) {
  return page.locator("section.card h3").allTextContents();
}

async function whole() {
  const { page, devtools, authenticatorId } = await visitor({ narrow: told.narrow, language: told.language });
  const kind = told.narrow ? "narrow" : "wide";
  // The browser's own list of passkeys would answer by itself before anybody pressed anything.
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
  await signInByLink(page, told.link);
  await page.goto(`${told.public}/account/passkeys`);
  const empty = await names(page);
  await look(page, `passkeys-none-${kind}`);
  await add(page, "Blue phone");
  const added = await names(page);
  await look(page, `passkeys-one-${kind}`);
  const kept = (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials;

  await page.locator("#new-name").fill("The same again");
  await page.locator("[data-passkey] button").click();
  await page.waitForFunction((words) => document.querySelector(".passkey-said").textContent === words, await page.locator("[data-passkey]").getAttribute("data-already-here"));
  const twice = await page.locator(".passkey-said").textContent();

  await signOut(page);
  await page.goto(`${told.public}/account/passkeys`);
  const signedOut = new URL(page.url()).pathname;
  await look(page, `passkeys-sign-in-${kind}`);
  await signIn(page);
  const back = await names(page);

  await page.locator("section.card summary").first().click();
  await page.locator('section.card input[name="_name"]').fill("Red phone");
  await Promise.all([page.waitForURL(/said=renamed/), page.locator("section.card form button").first().click()]);
  const renamed = await names(page);
  await page.locator("section.card summary").last().click();
  await look(page, `passkeys-removing-${kind}`);
  await Promise.all([page.waitForURL(/said=removed/), page.locator("section.card form button").last().click()]);
  const removed = await names(page);

  await signOut(page);
  await page.goto(`${told.public}/account/sign-in`);
  await page.locator("[data-passkey] button").click();
  await page.waitForFunction(() => !document.querySelector("[data-passkey] button").disabled);
  const afterwards = await page.locator(".passkey-said").textContent();
  const handle = Buffer.from(kept[0]?.userHandle ?? "", "base64").length;
  return { empty, added, resident: kept.map((one) => one.isResidentCredential), handle, twice, signedOut, back, renamed, removed, afterwards };
}

// A copy of the passkey whose count is behind.
async function copied() {
  const { page, devtools, authenticatorId } = await visitor();
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
  await signInByLink(page, told.link);
  await add(page, "Blue phone");
  const [early] = (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
  for (let times = 0; times < 2; times += 1) {
    await signOut(page);
    await signIn(page);
  }
  await devtools.send("WebAuthn.removeCredential", { authenticatorId, credentialId: early.credentialId });
  await devtools.send("WebAuthn.addCredential", { authenticatorId, credential: early });
  await signOut(page);
  await page.goto(`${told.public}/account/sign-in`);
  await page.locator("[data-passkey] button").click();
  await page.waitForFunction(() => !document.querySelector("[data-passkey] button").disabled);
  return { said: await page.locator(".passkey-said").textContent(), cookies: (await page.context().cookies()).length };
}

// The same answer twice, and answers that say they come from other sites.
async function replayed() {
  const { page } = await visitor();
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
  await signInByLink(page, told.link);
  await add(page, "Blue phone");
  await signOut(page);
  let body;
  page.on("request", (request) => {
    if (request.url().endsWith("/account/passkeys/sign-in")) body = request.postData();
  });
  await signIn(page);
  await signOut(page);
  const again = await page.evaluate(async (body) => {
    const response = await fetch("/account/passkeys/sign-in", { method: "POST", headers: { "content-type": "application/json" }, body });
    return { status: response.status, ...(await response.json()) };
  }, body);
  return { again: { status: again.status, code: again.error?.code }, body: JSON.parse(body) };
}

// Without script, and by the machine's number instead of its name.
async function elsewhere() {
  const plain = await visitor({ script: false });
  await signInByLink(plain.page, told.link);
  await plain.page.goto(`${told.public}/account/passkeys`);
  const without = (await plain.page.locator("noscript, .note.warning").allInnerTexts()).join(" ");
  const hidden = await plain.page.locator("[data-passkey]").isVisible();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${told.number}/account/sign-in`);
  const offered = await page.locator("[data-passkey]").count();
  return { without, hidden, offered };
}
