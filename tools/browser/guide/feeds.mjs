import { base } from "../lib.mjs";
import { theFeed } from "../pages/feed.mjs";

export default {
  "feeds-list": async (page) => {
    await theFeed(page);
    await page.goto(`${base}/feeds`);
  },
};
