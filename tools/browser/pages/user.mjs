import { first } from "../lib.mjs";

// Office staff may not see the users.
export const as = "yrsa";

export default async (page) => ["/users", "/users/new", await first(page, "/users")];
