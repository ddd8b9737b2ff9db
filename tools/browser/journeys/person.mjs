import { base, begin, check, open, signIn, tabTo, tell, test } from "../lib.mjs";

await test("a customer is found by keyboard as one types, and a telephone number corrected with Ctrl+S", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/people`);
  const name = (await page.textContent("tbody a")).trim();
  begin(page);
  await page.keyboard.press("/");
  await page.keyboard.type(name.toLowerCase());
  await page.waitForSelector("#found a");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/people\//);
  // From the card straight into the field: what is typed takes the place of what it holds.
  await page.keyboard.press("e");
  await tabTo(page, "a[href*='#telephones-']", 12);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/edit#telephones-0$/);
  await page.waitForFunction(() => {
    const field = document.activeElement;
    return field.name === "telephones.text" && field.selectionEnd > field.selectionStart;
  });
  await page.keyboard.type("050 555 0123");
  await page.keyboard.press("Control+s");
  await page.waitForURL((url) => !url.pathname.endsWith("/edit"));
  tell(page, "a customer found and a telephone number corrected");
  check((await page.textContent("main")).includes("+358 50 5550123"), "the new number is shown");
  await page.context().close();
});
