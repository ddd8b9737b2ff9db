import { join } from "node:path";
import { addFeed, base, feeds, first } from "../lib.mjs";

// A feed: made once, found again.
export const theFeed = async (page) => {
  await page.goto(`${base}/feeds`);
  if (await page.$("tbody a") === null) {
    await addFeed(page, "Verkkokaupan asiakkaat yöllä", join(feeds, "verkkokauppa"));
  }
  return first(page, "/feeds");
};

export default async (page) => {
  const feed = await theFeed(page);
  return ["/feeds", "/feeds/new", feed, `${feed}/edit`];
};
