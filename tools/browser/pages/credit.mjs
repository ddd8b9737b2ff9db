import { first } from "../lib.mjs";

export default async (page) => {
  const person = await first(page, "/people");
  const organisation = await first(page, "/organisations");
  const pending = await first(page, "/credit?state=pending");
  const answered = await first(page, "/credit?state=answered");
  const decided = await first(page, "/credit?state=decided");
  const withdrawn = await first(page, "/credit?state=withdrawn");
  return [
    "/credit", "/credit?state=expired", pending, answered, decided, withdrawn, `/credit/new?person=${person.split("/").pop()}`,
    `${person}/credit`, `${organisation}/credit`, "/credit/report", "/credit/report?from=2026-01-02&until=2026-01-01",
    "/credit/services", "/credit/services/new", await first(page, "/credit/services"),
  ];
};
