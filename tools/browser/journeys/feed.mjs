import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addFeed, base, check, feeds, look, open, signIn, test } from "../lib.mjs";

await test("a feed is added, its folder read while the server serves, and removed", async () => {
  const page = await open();
  await signIn(page, "aino");
  const place = join(feeds, "kokeilu");
  mkdirSync(place);
  writeFileSync(join(place, "a.csv"), "Asiakasnumero;Etunimi;Sukunimi;Sähköposti\n990001;Syöte;Kokeilija;ei-osoite\n990002;Toinen;Kokeilija;\n");
  await addFeed(page, "Kokeilu", place);
  for (let tries = 0; tries < 120 && (await page.$("table")) === null; tries += 1) {
    await page.waitForTimeout(250);
    await page.reload();
  }
  const told = await page.textContent("tbody");
  check(told.includes("a.csv") && (await page.$("tbody .ds-tag[data-color=warning]")) !== null && !told.includes("ei-osoite"), told);
  check(existsSync(join(place, "done", "a.csv")), "it is moved");
  const errors = await page.request.get(base + (await page.getAttribute("a[href$='/errors']", "href")));
  check((await errors.text()).includes("ei-osoite"), "the refused row can be had");
  await look(page, "feed-with-history");
  await page.click("form[action$='/pause'] button");
  await page.waitForSelector("form[action$='/resume']");
  await page.click("form[action$='/remove'] button");
  await page.waitForURL(`${base}/feeds`);
  check(!(await page.textContent("main")).includes("Kokeilu"), "it is gone");
  check(page.problems.length === 0, page.problems.join("\n"));
  await page.context().close();
});
