import { first } from "../lib.mjs";

export default async (page) => {
  const organisation = await first(page, "/organisations");
  return [
    "/organisations", "/organisations?business_id=no", "/organisations/new", organisation, `${organisation}/edit`, `${organisation}/orders`,
    `${organisation}/history`, `${organisation}/merge`, `${organisation}/letter`, `${organisation}/message`,
  ];
};
