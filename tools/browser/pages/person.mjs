import { first } from "../lib.mjs";

export default async (page) => {
  const person = await first(page, "/people");
  const restricted = (await first(page, "/restrictions")).replace(/\/restriction$/, "");
  return [
    "/people", "/people?q=virtanen", "/people?q=zzzz", "/people?town=Turku&lacks=email&sort=changed",
    "/people?town=Ei-olemassa", "/people/new", "/people/export", person, `${person}/edit`,
    `${person}/prohibitions`, `${person}/consents`, `${person}/restriction`, "/restrictions", `${restricted}/restriction`, restricted,
    `${person}/orders`, `${person}/history`, `${person}/log`, `${person}/disclosures`, `${person}/letter`, `${person}/message`,
  ];
};
