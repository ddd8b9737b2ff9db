import { base } from "../lib.mjs";

export default {
  "invoices-list": async (page) => {
    await page.goto(`${base}/invoices`);
  },
};
