// Makes a passkey or signs in with one: browsers let nothing but a script do that. It says nothing of its own; the page holds the words.
(() => {
  "use strict";
  const place = document.querySelector("[data-passkey]");
  if (!place) return;
  const words = place.dataset;
  const output = place.querySelector(".passkey-said");
  const button = place.querySelector("button");
  // What waits in the background for a passkey to be picked from the browser's own list.
  let waiting = new AbortController();

  const say = (text) => {
    output.textContent = text;
  };

  const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const toText = (buffer) =>
    btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");

  // A problem that the page or the server has words for.
  class Told extends Error {}

  const ask = async (path, body) => {
    let response;
    try {
      response = await fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify(body),
      });
    } catch {
      throw new Told(words.unreachable);
    }
    const said = await response.json().catch(() => ({}));
    if (!response.ok) throw new Told(said.error?.message ?? words.unreachable);
    return said;
  };

  const withIds = (credentials) => (credentials ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

  const creation = ({ publicKey }) => ({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: withIds(publicKey.excludeCredentials),
    },
  });

  const request = ({ publicKey }) => ({
    publicKey: { ...publicKey, challenge: toBytes(publicKey.challenge), allowCredentials: withIds(publicKey.allowCredentials) },
  });

  const answerOf = (credential) => {
    const said = credential.response;
    const response = { clientDataJSON: toText(said.clientDataJSON) };
    if (said.attestationObject) {
      response.attestationObject = toText(said.attestationObject);
    } else {
      response.authenticatorData = toText(said.authenticatorData);
      response.signature = toText(said.signature);
      response.userHandle = said.userHandle ? toText(said.userHandle) : null;
    }
    const properties = credential.getClientExtensionResults().credProps;
    return {
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      clientExtensionResults: properties ? { credProps: properties } : {},
      response,
    };
  };

  const add = async () => {
    const name = place.querySelector("input:not([type=hidden])").value;
    const { options, ticket } = await ask(words.begin, { name });
    const credential = await navigator.credentials.create(creation(options));
    return ask(words.end, { ticket, answer: answerOf(credential), name });
  };

  const choose = async (more) => {
    const { options, ticket } = await ask(words.begin, {});
    return { ticket, credential: await navigator.credentials.get({ ...request(options), ...more }) };
  };

  const signIn = ({ ticket, credential }) => ask(words.end, { ticket, answer: answerOf(credential), return: words.return ?? null });

  const inWords = (error) => {
    if (error instanceof Told) return error.message;
    return error.name === "InvalidStateError" ? words.alreadyHere : words.cancelled;
  };

  const start = async (event) => {
    event.preventDefault();
    waiting.abort();
    button.disabled = true;
    say(words.working);
    try {
      const { go } = await (words.passkey === "add" ? add() : signIn(await choose({})));
      location.assign(go);
    } catch (error) {
      say(inWords(error));
      button.disabled = false;
      button.focus();
      wait();
    }
  };

  // Browsers that can, offer passkeys where somebody is about to type their address. A question is good for five minutes, so it is asked again in time.
  const wait = async () => {
    if (words.passkey !== "sign-in" || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    waiting = new AbortController();
    const mine = waiting;
    const again = setTimeout(() => {
      mine.abort();
      wait();
    }, 240_000);
    let chosen;
    try {
      chosen = await choose({ mediation: "conditional", signal: mine.signal });
    } catch {
      // Nobody was asked aloud, so nobody is answered aloud.
      return;
    } finally {
      clearTimeout(again);
    }
    try {
      location.assign((await signIn(chosen)).go);
    } catch (error) {
      say(inWords(error));
      wait();
    }
  };

  place.hidden = false;
  if (!window.PublicKeyCredential) {
    say(words.unsupported);
    button.disabled = true;
    return;
  }
  if (place instanceof HTMLFormElement) place.addEventListener("submit", start);
  else button.addEventListener("click", start);
  wait();
})();
