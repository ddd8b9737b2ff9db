import { base } from "../lib.mjs";

export default async (page) => {
  await page.goto(`${base}/help`);
  return ["/help", ...(await page.$$eval(".guide-index a", (links) => links.map((link) => link.getAttribute("href"))))];
};
