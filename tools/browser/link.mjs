// The links that the portal sends: read from the outbox, as their reader would.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { outbox, portal } from "./lib.mjs";

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

// Links that were followed: each is good once.
const used = new Set();

// The link of the kind in the newest message to an address that was not followed yet.
export const linkOf = async (to, path) => {
  for (let tries = 0; tries < 100; tries += 1) {
    const files = (existsSync(outbox) ? readdirSync(outbox) : []).filter((name) => name.endsWith(".eml")).sort().reverse();
    for (const file of files) {
      const text = readFileSync(join(outbox, file), "utf8").replace(/=\r?\n/g, "").replace(/=3D/g, "=");
      const link = text.includes(to) && text.match(new RegExp(`${portal}${path}#\\S+`));
      if (link && !used.has(link[0])) {
        used.add(link[0]);
        return link[0];
      }
    }
    await wait(100);
  }
  throw new Error(`no message to the visitor with ${path}`);
};

// Signs somebody in by the link of a message.
export const enter = async (page, address) => {
  await page.goto(`${portal}/sign-in?lang=fi`);
  await page.fill("#email", address);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/enter$/);
  await page.goto(await linkOf(address, "/enter"));
  await page.keyboard.press("Enter");
  await page.waitForURL(`${portal}/`);
};
