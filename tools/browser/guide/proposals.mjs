import { base } from "../lib.mjs";

export default {
  "proposals-list": async (page) => {
    await page.goto(`${base}/proposals`);
  },
};
