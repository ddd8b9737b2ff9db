import { first } from "../lib.mjs";

export default async (page) => [`${await first(page, "/people")}/invitations`];
