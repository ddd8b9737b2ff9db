import { base } from "../lib.mjs";

export default {
  "keyboard-keys": async (page) => {
    await page.goto(`${base}/people`);
    await page.keyboard.press("?");
    await page.waitForSelector("#keys[open]");
    return page.locator("#keys");
  },
};
