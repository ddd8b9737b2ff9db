import { base } from "../lib.mjs";

export default {
  "start-home": async (page) => {
    await page.goto(`${base}/`);
    return page.locator("body");
  },
};
