import { base, first } from "../lib.mjs";

export default async (page) => {
  const tag = await first(page, "/tags");
  // A bulk action that is only looked at: planned once, found again.
  await page.goto(`${base}/bulk`);
  if (await page.$("tbody a") === null) {
    await page.goto(`${base}/people`);
    await page.check("[name=row] >> nth=0");
    await page.selectOption("#act", { index: 1 });
    await page.click("#bulk button[type=submit]");
    await page.waitForURL(/\/bulk\//);
  }
  return ["/people?name=aalto&order=changed", "/people?name=", "/tags", tag, "/bulk", await first(page, "/bulk")];
};
