// Says yes to one purpose on the choices page, with the keyboard alone or with the mouse, with script or without.
import { launch, told } from "./launch.mjs";

const browser = await launch();
const context = await browser.newContext({ javaScriptEnabled: told.script, ignoreHTTPSErrors: true });
const page = await context.newPage();
await page.goto(`${told.public}/privacy/choices`);

if (told.by === "keyboard") {
  await tabTo((focused) => focused.name === "analytics");
  for (let pressed = 0; (await focus()).value !== "yes" && pressed < 4; pressed += 1) await page.keyboard.press("ArrowDown");
  if (!(await focus()).checked) await page.keyboard.press("Space");
  // Past the buttons that answer about one purpose at once.
  await tabTo((focused) => focused.type === "submit" && !focused.name);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
} else {
  await page.locator('input[name="analytics"][value="yes"]').check();
  await Promise.all([page.waitForNavigation(), page.locator('form[method="post"] [type="submit"]').last().click()]);
}

await page.goto(`${told.public}/privacy/choices`);
const kept = await page.locator('input[name="analytics"][value="yes"]').isChecked();
await page.goto(`${told.public}/after-the-choice`);
const cookies = await context.cookies();
await browser.close();
console.log(JSON.stringify({ kept, cookies }));

function focus() {
  return page.evaluate(() => {
    const { name, value, type, checked } = document.activeElement;
    return { name, value, type, checked };
  });
}

async function tabTo(wanted) {
  for (let pressed = 0; pressed < 100; pressed += 1) {
    await page.keyboard.press("Tab");
    if (wanted(await focus())) return;
  }
  throw new Error("the keyboard never got there");
}
