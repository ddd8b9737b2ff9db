import { base, first } from "../lib.mjs";

export default {
  "mail-confirm": async (page) => {
    await page.goto(`${base}${await first(page, "/orders?state=confirmed")}/confirm`);
  },
};
