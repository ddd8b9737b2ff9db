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

const visit = async (page, path, { language, colorScheme, width }) => {
  // The public page has no account whose language it could be in.
  const address = path === "/notice" ? `${path}?lang=${language}` : path;
  await test(`${address} in ${language}, ${colorScheme}, ${width} px`, async () => {
    page.problems.length = 0;
    const response = await page.goto(base + address);
    check(response.status() === 200, `status ${response.status()}`);
    check((await page.getAttribute("html", "lang")) === language, "the language of the page");
    await narrow(page);
    // The structure is the same in every language: the others are looked at once.
    if (language === "fi" ? width === 1440 || colorScheme === "light" : width === 1440 && colorScheme === "light") {
      await accessible(page);
    }
    check(page.problems.length === 0, page.problems.join("\n"));
    const name = path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID").replace(/[/?=&]+/g, "_");
    await picture(page, `${name}-${language}-${colorScheme}-${width}`);
  });
};

// Light and dark at once: the language belongs to the account, the colours to the browser.
const visitAs = async (login, files, language) => {
  const pages = [];
  for (const colorScheme of ["light", "dark"]) {
    const page = await open({ colorScheme });
    await signIn(page, login);
    pages.push([page, colorScheme]);
  }
  await speak(pages[0][0], language);
  const all = await paths(pages[0][0], files);
  await Promise.all(pages.map(async ([page, colorScheme]) => {
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: width === 1440 ? 900 : 844 });
      for (const path of all) {
        await visit(page, path, { language, colorScheme, width });
      }
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
