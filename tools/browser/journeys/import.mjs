import { base, begin, check, example, open, send, signIn, tabTo, tell, test } from "../lib.mjs";

await test("a file is tried and imported by keyboard, and undone", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/imports/new`);
  begin(page);
  await tabTo(page, "#company");
  await page.keyboard.type("a");
  await tabTo(page, "#file");
  // The dialog is the operating system's: what is pressed in it is not counted.
  await page.setInputFiles("#file", example);
  await page.keyboard.press("Control+s");
  await page.waitForURL(/\/imports\/files\//);
  // The cursor waits in the first column that is not decided; the second choice leaves it out.
  for (let left = await page.locator("select[aria-invalid]").count(); left > 0; left -= 1) {
    if (!(await page.evaluate(() => document.activeElement.matches("select[aria-invalid]")))) {
      await tabTo(page, "select[aria-invalid]");
    }
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Control+s");
  await page.waitForSelector("dl.figures");
  check((await page.$("#import .ds-alert[data-color=info]")) !== null, "it was only tried");
  await page.waitForSelector("button[value=import]:focus");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#import .ds-alert[data-color=success]");
  tell(page, "a list imported, tried first");
  await page.goto(`${base}/imports`);
  const undo = await page.getAttribute("tbody form", "action");
  await page.click("tbody form button");
  await page.waitForURL(`${base}/imports`);
  check((await page.$(`form[action='${undo}']`)) === null, "it is undone");
  check(page.problems.length === 0, page.problems.join("\n"));
  await page.context().close();
});

await test("column choices are saved by keyboard, offered for the next file, and renamed", async () => {
  const page = await open();
  await signIn(page, "aino");
  const file = await send(page);
  await page.focus("#name");
  await page.keyboard.type("Kassan tiedosto");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#saved");
  check((await page.textContent("main")).includes("Kassan tiedosto"), "they are in use");
  const next = await send(page);
  check(next !== file, "another file");
  await page.click("form[action$='/mapping'] button:has-text('Kassan tiedosto')");
  await page.waitForLoadState();
  check((await page.textContent("#import")).includes("Kassan tiedosto"), "read by them");
  await page.goto(`${base}/imports/mappings`);
  await page.click("tbody a:has-text('Kassan')");
  await page.fill("#name", "Kassan uusi tiedosto");
  await page.keyboard.press("Control+s");
  await page.waitForURL(`${base}/imports/mappings`);
  check((await page.textContent("tbody")).includes("Kassan uusi tiedosto"), "renamed");
  await page.click("tbody a:has-text('Kassan uusi')");
  await page.click("form[action$='/remove'] button");
  await page.waitForURL(`${base}/imports/mappings`);
  check(!(await page.textContent("main")).includes("Kassan"), "removed");
  check(page.problems.length === 0, page.problems.join("\n"));
  for (const path of [file, next]) {
    await page.goto(base + path);
    await page.click("form[action$='/remove'] button");
  }
  await page.context().close();
});
