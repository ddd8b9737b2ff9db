import { first } from "../lib.mjs";

export default async (page) => {
  const person = await first(page, "/people");
  const erasure = await first(page, "/erasures");
  return [`${person}/erasure`, "/erasures", erasure, "/canaries", "/consents/review", "/receipt"];
};
