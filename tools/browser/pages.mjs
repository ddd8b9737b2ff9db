// Looks at every page that the files in pages/ name, in three languages, light and dark, at two widths.
import { readdirSync } from "node:fs";
import { accessible, base, check, narrow, only, open, picture, signIn, speak, test } from "./lib.mjs";

// The files by the account that may see their pages: `as`, or a member of the office who has most rights.
const lists = async () => {
  const all = {};
  for (const file of readdirSync(new URL("pages/", import.meta.url)).sort()) {
    const { default: list, as = "aino" } = await import(`./pages/${file}`);
    (all[as] ??= []).push([file, list]);
  }
  return all;
};

// What the files name: most need the address of some record, found as a member of staff finds it.
const paths = async (page, files) => {
  const all = [];
  for (const [file, list] of files) {
    await test(`pages/${file} finds its pages`, async () => all.push(...(await list(page))));
  }
  return only === null ? all : all.filter((path) => path.includes(only));
};

// Widths and colours are the browser's: the page is loaded once and seen in each of them.
const LOOKS = [[1440, "light"], [1440, "dark"], [390, "light"], [390, "dark"]];

// Pages that have no account whose language they could be in.
const PUBLIC = ["/notice", "/receipt"];

const visit = async (page, path, language) => {
  const address = PUBLIC.includes(path) ? `${path}?lang=${language}` : path;
  const name = path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID").replace(/[/?=&]+/g, "_");
  page.problems.length = 0;
  for (const [width, colorScheme] of LOOKS) {
    await test(`${address} in ${language}, ${colorScheme}, ${width} px`, async () => {
      await page.setViewportSize({ width, height: width === 1440 ? 900 : 844 });
      await page.emulateMedia({ colorScheme });
      if (page.shown !== address) {
        const response = await page.goto(base + address);
        check(response.status() === 200, `status ${response.status()}`);
        check((await page.getAttribute("html", "lang")) === language, "the language of the page");
        page.shown = address;
      }
      await narrow(page);
      // The structure is the same in every language: the others are looked at once.
      if (language === "fi" ? width === 1440 || colorScheme === "light" : width === 1440 && colorScheme === "light") {
        await accessible(page);
      }
      check(page.problems.length === 0, page.problems.join("\n"));
      await picture(page, `${name}-${language}-${colorScheme}-${width}`);
    });
  }
  page.shown = null;
};

// As many pages at once as the machine has cores for the browser and the register.
const AT_ONCE = 2;

const visitAs = async (login, files, language) => {
  const pages = [];
  for (let number = 0; number < AT_ONCE; number += 1) {
    const page = await open();
    await signIn(page, login);
    pages.push(page);
  }
  await speak(pages[0], language);
  const waiting = await paths(pages[0], files);
  await Promise.all(pages.map(async (page) => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      await visit(page, path, language);
    }
    await page.context().close();
  }));
};

export const visitAll = async () => {
  for (const [login, files] of Object.entries(await lists())) {
    for (const language of ["fi", "sv", "en"]) {
      await visitAs(login, files, language);
    }
  }
};
