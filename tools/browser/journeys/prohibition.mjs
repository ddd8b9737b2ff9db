import { base, begin, check, open, signIn, tell, test } from "../lib.mjs";

await test("a prohibition is entered while the customer is on the telephone, in seconds and by keyboard alone", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/people?sort=changed`);
  // Somebody who has forbidden nothing yet.
  const name = (await page.textContent("tbody tr:not(:has(.ds-tag)) a")).trim();
  begin(page);
  const started = Date.now();
  await page.keyboard.press("/");
  await page.keyboard.type(name.toLowerCase());
  await page.waitForSelector("#found a");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/people\/[0-9a-f-]{36}$/);
  await page.waitForLoadState();
  const card = page.url();
  const known = page.cost.keys;
  const onCard = Date.now();
  await page.keyboard.press("k");
  await page.waitForURL(/\/prohibitions$/);
  await page.waitForSelector("button:focus");
  await page.keyboard.press("Enter");
  await page.waitForSelector("ul.entries");
  const took = Date.now() - onCard;
  tell(page, `a prohibition entered: ${page.cost.keys - known} keys on the card, ${took} ms there, ${Date.now() - started} ms in all`);
  check(took < 5000, `${took} ms`);
  check(page.cost.keys - known === 2, "k and Enter");
  await page.goto(card);
  check((await page.textContent(".ds-alert[data-color=warning]")).includes("Suoramarkkinointikielto"), "the banner of the card");
  await page.context().close();
});
