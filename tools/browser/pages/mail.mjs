import { base, first } from "../lib.mjs";

export default async (page) => {
  const confirm = `${await first(page, "/orders?state=confirmed")}/confirm`;
  // A message: queued once, found again.
  await page.goto(`${base}/mail?state=all`);
  if (await page.$("tbody a") === null) {
    await page.goto(base + confirm);
    await page.click("main form button[type=submit]");
    await page.waitForLoadState();
  }
  return [confirm, "/mail", "/mail?state=all", await first(page, "/mail?state=all")];
};
