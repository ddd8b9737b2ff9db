import { base } from "../lib.mjs";

export default {
  "duplicates-list": async (page) => {
    await page.goto(`${base}/duplicates`);
  },
  "duplicates-merge": async (page) => {
    await page.goto(`${base}/duplicates`);
    await page.click("ol.pairs a.ds-button");
    await page.waitForSelector("#preview");
  },
};
