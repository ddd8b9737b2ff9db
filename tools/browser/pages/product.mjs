import { first } from "../lib.mjs";

export default async (page) => ["/products", "/products/new", await first(page, "/products")];
