// Somebody with a passkey, kept by an authenticator that Chromium plays. `told.journey` says which way they go.
import { authenticator } from "./authenticator.mjs";
import { launch, listen, told } from "./launch.mjs";
import { looker } from "./look.mjs";
import { letters } from "./mail.mjs";

const browser = await launch();
const complaints = [];
const violations = [];
const sideways = [];
const looks = looker({ violations, sideways });

const saw = await { whole, offered, copied, replayed, elsewhere }[told.journey]();
await browser.close();
console.log(JSON.stringify({ ...saw, complaints, violations, sideways }));

// Adds a passkey, signs in with it, gives it another name, removes it.
async function whole() {
  const { page, devtools, authenticatorId } = await visitor({ narrow: told.narrow, language: told.language });
  const kind = told.narrow ? "narrow" : "wide";
  await register(page);
  await page.goto(`${told.public}/account/passkeys`);
  const empty = await names(page);
  await look(page, `none-${kind}`);
  const other = await visitor();
  await signInByMail(other.page, told.public);
  await add(page, "Blue phone");
  const added = await names(page);
  await look(page, `one-${kind}`);
  await Promise.all([page.waitForURL(/done=others/), page.locator("main form.note button").click()]);
  const elsewhere = await isSignedIn(other.page);
  await page.goto(`${told.public}/account/passkeys`);
  const kept = (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
  const twice = await refusedToAdd(page);
  const twiceExpected = await page.locator("[data-passkey]").getAttribute("data-already-here");

  await signOut(page);
  await page.goto(`${told.public}/account/passkeys`);
  const signedOut = new URL(page.url()).pathname;
  await look(page, `sign-in-${kind}`);
  await signIn(page);
  const back = await names(page);

  await page.locator("section.card summary").first().click();
  await page.locator('section.card input[name="_name"]').fill("Red phone");
  await Promise.all([page.waitForURL(/said=renamed/), page.locator("section.card form button").first().click()]);
  const renamed = await names(page);
  await page.locator("section.card summary").last().click();
  await look(page, `removing-${kind}`);
  await Promise.all([page.waitForURL(/said=removed/), page.locator("section.card form button").last().click()]);
  const removed = await names(page);

  await signOut(page);
  const afterwards = await refusedToSignIn(page);
  await look(page, `refused-${kind}`);
  const handle = Buffer.from(kept[0]?.userHandle ?? "", "base64").length;
  const letters = mail().filter((text) => /\/account\/passkeys/.test(text)).length;
  const resident = kept.map((one) => one.isResidentCredential);
  return {
    empty, added, elsewhere, resident, handle, twice, twiceExpected, signedOut, back, renamed, removed, afterwards, letters,
    signedInAfterwards: await isSignedIn(page),
  };
}

// Picks the passkey from what the browser offers where somebody would type their address.
async function offered() {
  const { page } = await visitor({ offers: true });
  await register(page);
  await add(page, "Blue phone");
  await signOut(page);
  await Promise.all([page.waitForURL((url) => url.pathname === "/account/passkeys"), page.goto(`${told.public}/account/sign-in?return=/account/passkeys`)]);
  return { back: await names(page) };
}

// A copy of the passkey whose count is behind.
async function copied() {
  const { page, devtools, authenticatorId } = await visitor();
  await register(page);
  await add(page, "Blue phone");
  const [early] = (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
  for (let times = 0; times < 2; times += 1) {
    await signOut(page);
    await signIn(page);
  }
  await devtools.send("WebAuthn.removeCredential", { authenticatorId, credentialId: early.credentialId });
  await devtools.send("WebAuthn.addCredential", { authenticatorId, credential: early });
  await signOut(page);
  const said = await refusedToSignIn(page);
  const signedIn = await isSignedIn(page);
  const before = Date.now();
  const warnings = () => mail().filter((text) => /copy of it/.test(text)).length;
  while (warnings() === 0 && Date.now() - before < 60_000) await new Promise((done) => setTimeout(done, 200));
  return { said, signedIn, letters: warnings() };
}

// The same answer twice; one that another site sends; one of a passkey that nobody has, and one whose signature is another's.
async function replayed() {
  const { page } = await visitor();
  await register(page);
  await add(page, "Blue phone");
  await signOut(page);
  let body;
  let status;
  page.on("response", (response) => {
    if (!response.url().endsWith("/account/passkeys/sign-in")) return;
    body = response.request().postData();
    status = response.status();
  });
  await signIn(page);
  const first = { status };
  await signOut(page);
  await page.goto(`${told.public}/account/sign-in`);
  const again = await post(page, JSON.parse(body));
  const ticket = async () => (await ask(page, "/account/passkeys/sign-in/challenge", {})).ticket;
  const { answer } = JSON.parse(body);
  const other = Buffer.from("a passkey that nobody has").toString("base64url");
  const unknown = await post(page, { ticket: await ticket(), answer: { ...answer, id: other, rawId: other } });
  const altered = await post(page, { ticket: await ticket(), answer });
  const stranger = await page.context().request.post(`${told.public}/account/passkeys/sign-in`, {
    headers: { "content-type": "application/json", origin: "http://evil.localhost" },
    data: body,
  });
  const forged = { status: stranger.status(), code: (await stranger.json()).error?.code };
  return { first, again, unknown, altered, forged };
}

// Without script, and by the machine's number instead of its name.
async function elsewhere() {
  const plain = await visitor({ script: false });
  await register(plain.page);
  await plain.page.goto(`${told.public}/account/passkeys`);
  const without = (await plain.page.locator(".note.warning").allInnerTexts()).join(" ");
  const shown = await plain.page.locator("[data-passkey]").isVisible();
  const numbered = await visitor();
  await numbered.page.goto(`${told.number}/account/sign-in`);
  const offered = await numbered.page.locator("[data-passkey]").count();
  await signInByMail(numbered.page, told.number);
  await numbered.page.goto(`${told.number}/account/passkeys`);
  const byNumber = await numbered.page.locator(".note.warning a").getAttribute("href");
  return { without, shown, offered, byNumber };
}

// A browser with an authenticator in it that checks its owner. Unless it `offers` passkeys by itself, it waits for a button.
async function visitor({ narrow = false, language = "en-GB", script = true, offers = false } = {}) {
  const viewport = narrow ? { width: 360, height: 740 } : { width: 1280, height: 900 };
  const context = await browser.newContext({ viewport, locale: language, javaScriptEnabled: script });
  const page = await context.newPage();
  listen(page, { complaints });
  if (!offers) {
    await page.addInitScript(() => {
      if (globalThis.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false;
    });
  }
  return { page, ...(await authenticator(context, page)) };
}

async function register(page) {
  await page.goto(`${told.public}/account/register`);
  for (const [name, value] of [["_day", "3"], ["_month", "5"], ["_year", "1980"]]) await page.locator(`input[name="${name}"]`).fill(value);
  await send(page);
  await page.locator('input[name="_email"]').fill("anna@example.org");
  await page.locator('input[name="_username"]').fill("anna");
  await send(page);
  await page.goto(told.public + (await mailed(/\/account\/confirm\/[\w-]+/)));
  await send(page);
}

async function signInByMail(page, site) {
  await page.goto(`${site}/account/sign-in`);
  await page.locator('input[name="_email"]').fill("anna@example.org");
  await send(page);
  await page.goto(site + (await mailed(/\/account\/sign-in\/[\w-]+/)));
  await send(page);
}

async function send(page) {
  await Promise.all([page.waitForNavigation(), page.locator('main form:not([hidden]) button[type="submit"]').first().click()]);
}

async function add(page, name) {
  await page.goto(`${told.public}/account/passkeys`);
  await page.locator("#new-name").fill(name);
  await Promise.all([page.waitForURL(/said=added/), page.locator("[data-passkey] button").click()]);
}

async function refusedToAdd(page) {
  await page.locator("#new-name").fill("The same again");
  return refused(page);
}

async function refusedToSignIn(page) {
  await page.goto(`${told.public}/account/sign-in`);
  return refused(page);
}

async function refused(page) {
  await page.locator("[data-passkey] button").click();
  await page.waitForFunction(() => !document.querySelector("[data-passkey] button").disabled);
  return page.locator(".passkey-said").textContent();
}

async function signOut(page) {
  await page.goto(`${told.public}/account`);
  await Promise.all([page.waitForNavigation(), page.locator('main form[action*="/sign-out"] button').click()]);
}

async function signIn(page) {
  await page.goto(`${told.public}/account/sign-in?return=/account/passkeys`);
  await Promise.all([page.waitForURL((url) => url.pathname === "/account/passkeys"), page.locator("[data-passkey] button").click()]);
}

async function isSignedIn(page) {
  await page.goto(`${told.public}/account`);
  return new URL(page.url()).pathname === "/account";
}

async function names(page) {
  return page.locator("section.card h3").allTextContents();
}

async function post(page, body) {
  const { status, said } = await ask(page, "/account/passkeys/sign-in", body, true);
  return { status, code: said.error?.code };
}

async function ask(page, path, body, whole = false) {
  const answered = await page.evaluate(
    async ({ path, body }) => {
      const headers = { "content-type": "application/json" };
      const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
      return { status: response.status, said: await response.json() };
    },
    { path, body },
  );
  return whole ? answered : answered.said;
}

// The texts of all letters so far.
function mail() {
  return letters().map((letter) => letter.text);
}

async function mailed(link) {
  const before = Date.now();
  while (Date.now() - before < 60_000) {
    const found = mail().map((text) => text.match(link)?.[0]).find(Boolean);
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no letter came with ${link}`);
}

async function look(page, name) {
  await looks(page, `passkeys-${name}`);
}
