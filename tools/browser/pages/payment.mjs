import { base, first } from "../lib.mjs";

export default async (page) => {
  const waiting = await first(page, "/payments");
  const all = await first(page, "/payments?state=all");
  const file = await first(page, "/payment-files");
  const claim = await first(page, "/overdue");
  await page.goto(base + claim);
  const reminder = await page.getAttribute("a.ds-button[href*='/reminder']", "href").catch(() => null);
  return [
    "/payments", "/payments?state=all", waiting, `${waiting}?words=virta`, all, "/payments/new", "/payment-files", file,
    "/overdue", claim, ...(reminder === null ? [] : [reminder]), "/collection-cases", "/reference-rates",
  ];
};
