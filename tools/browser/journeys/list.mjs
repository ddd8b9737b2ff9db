import { accessible, base, check, open, signIn, test } from "../lib.mjs";

await test("23 customers fit on a laptop's screen", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/people`);
  const shown = await page.evaluate(() =>
    [...document.querySelectorAll("tbody tr")].filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length);
  check(shown >= 21, `${shown} rows`);
  await page.context().close();
});

await test("keys are told by ?, move through a list, and can be switched off", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/people`);
  await page.keyboard.press("n");
  await page.waitForURL(/after=/);
  await page.keyboard.press("p");
  await page.waitForURL(/before=/);
  await page.keyboard.press("Control+k");
  check((await page.evaluate(() => document.activeElement.id)) === "q", "the search field");
  await page.goto(`${base}/people`);
  await page.keyboard.press("?");
  check(await page.isVisible("#keys"), "the keys are told");
  // It fades in; half-way its text has less contrast.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
  await accessible(page, "#keys");
  await page.uncheck("#keys input");
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  check((await page.evaluate(() => document.activeElement.id)) !== "q", "switched off");
  await page.keyboard.press("Control+k");
  check((await page.evaluate(() => document.activeElement.id)) === "q", "Ctrl+K still works");
  await page.context().close();
});
