import { send } from "../lib.mjs";

export default {
  "import-columns": async (page) => {
    await send(page);
  },
  // The file that the picture before has sent, whose undecided columns are left out.
  "import-tried": async (page) => {
    for (const target of await page.$$("select[aria-invalid]")) {
      await target.selectOption({ index: 1 });
    }
    await page.click("button[value=try]");
    await page.waitForSelector("dl.figures");
    await page.waitForSelector("#import .ds-alert[data-color=info]");
    return page.locator("#import");
  },
};
