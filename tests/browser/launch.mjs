// Debian's Chromium, asking nobody but the pages it is sent to.
import { chromium } from "playwright-core";

export const told = JSON.parse(process.argv[2]);

export const launch = () =>
  chromium.launch({
    executablePath: told.chromium,
    // What people's browsers do and tests usually spare themselves: pages that are kept for going back to.
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // Some pages would like to ask a server elsewhere; here they never can.
      "--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    ],
  });

// What a page complains about: its scripts' errors, and answers that never came. What was answered with an error is told apart, by path and status.
export const listen = (page, { complaints, missing = [] }) => {
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on("requestfailed", (request) => {
    // What the browser itself gives up, because the page is left before it has loaded, is nobody's fault; what is cut off has another name.
    if (request.failure()?.errorText !== "net::ERR_ABORTED") complaints.push(`${request.url()}: ${request.failure()?.errorText}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) missing.push(`${response.status()} ${new URL(response.url()).pathname}`);
  });
  page.on("console", (message) => {
    const isMissing = message.text().startsWith("Failed to load resource");
    // A feature that browsers have forgotten is a warning on every page.
    const isForgotten = message.text().includes("Permissions-Policy header");
    if ((message.type() === "error" || isForgotten) && !isMissing) complaints.push(`${page.url()}: ${message.text()}`);
  });
};

// A site's skip link stands outside its landmarks, which axe permits the first links of a page. Behind our banner it is not among the first any more.
export const isSkipLink = (violation, node) => violation.id === "region" && node.html.startsWith('<a class="skip"');
