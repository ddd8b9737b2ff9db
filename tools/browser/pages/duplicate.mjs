import { base, first } from "../lib.mjs";

export default async (page) => {
  const person = await first(page, "/people");
  await page.goto(`${base}/duplicates`);
  const pair = await page.getAttribute("ol.pairs a.ds-button", "href");
  return ["/duplicates", pair, `${person}/merge`];
};
