import { base, first } from "../lib.mjs";

// An act that is looked at, one that was done, and the pages around them.
export default async (page) => {
  const plan = async (act) => {
    await page.goto(`${base}/people?sort=changed`);
    for (const row of [0, 1, 2]) {
      await page.locator("tbody input[name=row]").nth(row).check();
    }
    await page.selectOption("#act", act);
    await page.click("#bulk button[type=submit]");
    await page.waitForURL(/\/bulk\//);
    return new URL(page.url()).pathname;
  };
  // Made once, found again: who has a tag is not given it twice.
  await page.goto(`${base}/bulk`);
  let [done, planned] = await page.$$eval("tbody a", (links) => links.map((link) => link.getAttribute("href")));
  if (planned === undefined) {
    planned = await plan("tag:kanta-asiakas");
    done = await plan("tag:jalleenmyyja");
    await page.click("form[action$=start] button");
    await page.waitForSelector("form[action$=undo]");
  }
  const tag = await first(page, "/tags");
  return [
    "/bulk", planned, done, "/tags", "/tags/new", tag, "/people?tag=kanta-asiakas",  "/organisations/export", "/orders/export",
    "/organisations?business_id=no",
  ];
};
