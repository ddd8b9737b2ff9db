import { first, send } from "../lib.mjs";

export default async (page) => {
  const file = await send(page);
  // Column choices that are saved: made once, found again.
  await page.fill("#name", "Asiakastiedosto verkkokaupasta");
  await page.click("button[value=keep]");
  await page.waitForLoadState();
  const mapping = await first(page, "/imports/mappings");
  return ["/imports", "/imports/new", file, "/imports/mappings", mapping];
};
