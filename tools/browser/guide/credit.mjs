import { base, first } from "../lib.mjs";

export default {
  "credit-list": async (page) => {
    await page.goto(`${base}/credit`);
  },
  "credit-decide": async (page) => {
    await page.goto(`${base}${await first(page, "/credit?state=answered")}`);
  },
};
