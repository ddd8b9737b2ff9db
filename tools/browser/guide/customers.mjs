import { base, first } from "../lib.mjs";

export default {
  "customers-search": async (page) => {
    await page.goto(`${base}/people`);
    await page.fill("#q", "virta");
    await page.waitForSelector("#found a");
    return page.locator("body");
  },
  "customers-card": async (page) => {
    await page.goto(base + (await first(page, "/people")));
  },
  "customers-edit": async (page) => {
    await page.goto(`${base}${await first(page, "/people")}`);
    await page.click("a[href*='#telephones-']");
    await page.waitForSelector("#telephones-0:focus");
    return page.locator("fieldset:has(#telephones-0)");
  },
};
