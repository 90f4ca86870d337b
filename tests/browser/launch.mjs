// Debian's Chromium, asking nobody but the pages it is sent to.
import { chromium } from "playwright-core";

export const told = JSON.parse(process.argv[2]);

export const launch = () =>
  chromium.launch({
    executablePath: told.chromium,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

// What a page complains about: errors of its own, and what it could not load.
export const listen = (page, complaints) => {
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${page.url()}: ${message.text()}`);
  });
};
