import { base, first } from "../lib.mjs";

export default async (page) => {
  const partner = await first(page, "/partners");
  await page.goto(`${base}/disclosures`);
  return [
    "/partners", "/partners/new", partner, `${partner}/edit`, `${partner}/interface`, "/disclosures", "/disclosures?outside=1", "/recalls",
    "/recalls?all=1", "/legal-requests",
  ];
};
