import { base, first } from "../lib.mjs";

export default {
  "letters-form": async (page) => {
    await page.goto(`${base}${await first(page, "/people")}/letter`);
  },
};
