import { base, first } from "../lib.mjs";

const card = async (page) => page.goto(base + (await first(page, "/organisations")));

export default {
  "organisations-card": async (page) => {
    await card(page);
  },
  "organisations-register": async (page) => {
    await card(page);
    await page.click("form[action$='/register'] button");
    await page.waitForSelector("input[name=part]");
  },
};
