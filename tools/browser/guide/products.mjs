import { base } from "../lib.mjs";

export default {
  "products-list": async (page) => {
    await page.goto(`${base}/products`);
  },
};
