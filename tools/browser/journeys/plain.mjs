import { check, open, signIn, test } from "../lib.mjs";

await test("everything works without JavaScript", async () => {
  const page = await open({ javaScriptEnabled: false });
  await signIn(page, "aino");
  await page.fill("#q", "virtanen");
  await page.press("#q", "Enter");
  await page.waitForURL(/q=virtanen/);
  await page.click("tbody a");
  await page.click("a[href$='/edit']");
  await page.fill("#title", "Toimitusjohtaja");
  await page.fill("#organisation", "Kokeilu Oy");
  await page.click("form.page button[type=submit]");
  check((await page.textContent("main")).includes("Kokeilu Oy"), "the organisation is shown");
  await page.context().close();
});
