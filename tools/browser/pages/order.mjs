import { first } from "../lib.mjs";

export default async (page) => {
  const person = (await first(page, "/people")).split("/").pop();
  const order = await first(page, "/orders?state=draft");
  return [
    "/orders", "/orders?sort=total&total_from=100", "/orders/new", "/orders/new?words=virta", `/orders/new?person=${person}`, "/orders?state=archived", order,
    `${order}/edit`, `${order}/history`,
  ];
};
