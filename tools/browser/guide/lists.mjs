import { base } from "../lib.mjs";

export default {
  "lists-people": async (page) => {
    await page.goto(`${base}/people`);
  },
  "lists-export": async (page) => {
    await page.goto(`${base}/people/export`);
  },
};
