import { base, first } from "../lib.mjs";

export default async (page) => {
  const request = await first(page, "/requests");
  await page.goto(`${base}${request}`);
  const links = await page.locator("a[href^='/people/']").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  const card = links.find((href) => /^\/people\/[0-9a-f-]{36}$/.test(href));
  const pages = ["/requests", "/requests?state=late", "/requests?state=closed", "/requests/new", request];
  return card ? [...pages, `${card}/requests`, `/requests/new?person=${card.split("/").pop()}`] : pages;
};
