import { join } from "node:path";
import { addFeed, base, feeds, first } from "../lib.mjs";

export default async (page) => {
  // A feed with a history: made once, found again.
  await page.goto(`${base}/feeds`);
  if (await page.$("tbody a") === null) {
    await addFeed(page, "Verkkokaupan asiakkaat yöllä", join(feeds, "verkkokauppa"));
  }
  const feed = await first(page, "/feeds");
  return ["/feeds", "/feeds/new", feed, `${feed}/edit`];
};
