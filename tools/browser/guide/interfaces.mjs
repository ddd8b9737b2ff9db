import { base } from "../lib.mjs";

export default {
  "interfaces-page": async (page) => {
    await page.goto(`${base}/partners`);
    await page.getByRole("link", { name: "Pilvipuu Ohjelmistot Oy" }).click();
    const card = new URL(page.url()).pathname;
    await page.goto(`${base}${card}/interface`);
  },
};
