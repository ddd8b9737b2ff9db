import { accessible, base, begin, check, open, signIn, tell, test } from "../lib.mjs";

await test("23 customers fit on a laptop's screen", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/people`);
  const shown = await page.evaluate(() =>
    [...document.querySelectorAll("tbody tr")].filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length);
  check(shown >= 21, `${shown} rows`);
  await page.context().close();
});

await test("keys are told by ?, move through a list, and can be switched off", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/people`);
  await page.keyboard.press("n");
  await page.waitForURL(/after=/);
  await page.keyboard.press("p");
  await page.waitForURL(/before=/);
  await page.keyboard.press("Control+k");
  check((await page.evaluate(() => document.activeElement.id)) === "q", "the search field");
  await page.goto(`${base}/people`);
  await page.keyboard.press("?");
  check(await page.isVisible("#keys"), "the keys are told");
  // It fades in; half-way its text has less contrast.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
  await accessible(page, "#keys");
  await page.uncheck("#keys input");
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  check((await page.evaluate(() => document.activeElement.id)) !== "q", "switched off");
  await page.keyboard.press("Control+k");
  check((await page.evaluate(() => document.activeElement.id)) === "q", "Ctrl+K still works");
  await page.context().close();
});

// Moves by Tab until something has the focus.
const tab = async (page, selector, key = "Tab") => {
  for (let presses = 0; presses < 300; presses += 1) {
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
      return;
    }
    await page.keyboard.press(key);
  }
  throw new Error(`${selector} can not be reached`);
};

await test("by keyboard: choose columns, save a view, open it again", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/people?town=Turku&sort=created`);
  await tab(page, ".list-tools details:nth-of-type(2) > summary");
  await page.keyboard.press("Enter");
  await tab(page, "input[name=column][value=language]");
  await page.keyboard.press("Space");
  await tab(page, "form[action$=columns] button[type=submit]");
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  check(page.url().includes("town=Turku"), "the filter stays");
  check((await page.locator("thead th").allTextContents()).some((text) => text.includes("Asiointikieli")), "the column");
  await tab(page, ".list-tools details:nth-of-type(3) > summary");
  await page.keyboard.press("Enter");
  await tab(page, "#view-name");
  await page.keyboard.type("Turku uusimmat");
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  await page.goto(`${base}/people`);
  await page.click("nav.views >> text=Turku uusimmat");
  await page.waitForURL(/town=Turku/);
  check((await page.getAttribute("nav.views a[aria-current]", "href")).includes("sort=created"), "the view is current");
  await page.context().close();
});

await test("by keyboard: tag two customers at once, and undo it", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/people?town=Oulu&sort=name&order=desc`);
  begin(page);
  await page.focus("tbody input[name=row]");
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement.matches("tbody input[name=row]")), "the next row is two tabs away");
  await page.keyboard.press("Space");
  const name = await page.textContent("tbody tr:first-child a");
  await tab(page, "#act");
  await page.keyboard.type("Messu");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/bulk\//);
  check((await page.textContent("#bulk")).includes(name.trim()), "who it would be");
  await tab(page, "form[action$=start] button[type=submit]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("form[action$=undo]");
  await tab(page, "form[action$=undo] button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#bulk .ds-alert[data-color=warning]");
  check(/2/.test(await page.textContent("#bulk .ds-alert")), "both were put back");
  tell(page, "tag two customers and undo it");
  await page.context().close();
});
