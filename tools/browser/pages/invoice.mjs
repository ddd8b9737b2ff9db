import { first } from "../lib.mjs";

export default async (page) => {
  const person = await first(page, "/people");
  const organisation = await first(page, "/organisations");
  const draft = await first(page, "/invoices?state=draft");
  const sent = await first(page, "/invoices?state=overdue&company=arjasmaa");
  const mirrored = await first(page, "/invoices?state=paid&company=palvelut");
  return [
    "/invoices", "/invoices?state=overdue", "/invoices?number=ei-ole", "/invoices/ledger", "/invoices/new", "/invoices/new?words=virta",
    `/invoices/new?person=${person.split("/").pop()}`, draft, `${draft}/edit`, sent, `${sent}/mail`, mirrored, `${person}/invoices`,
    `${organisation}/invoices`, "/invoices/billing", "/invoices/billing/arjasmaa",
  ];
};
