// An authenticator that Chromium plays: it checks its owner, and is there for this page.
export async function authenticator(context, page) {
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  return { devtools, authenticatorId: await another(devtools) };
}

// One more device of the same person.
export async function another(devtools) {
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  return (await devtools.send("WebAuthn.addVirtualAuthenticator", { options })).authenticatorId;
}
