import { base, first } from "../lib.mjs";

export default {
  "rights-log": async (page) => {
    await page.goto(`${base}${await first(page, "/people")}/log`);
  },
};
