import { base, begin, check, open, signIn, tell, test } from "../lib.mjs";

await test("a duplicate is merged by keyboard, and taken apart again", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/duplicates`);
  await page.focus("ol.pairs a.ds-button");
  begin(page);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/merge\//);
  const other = page.url().split("/").pop();
  // Choosing shows at once what would be kept.
  const chosen = (await page.textContent("tbody input[value=gone] + bdi")).trim();
  await page.focus("tbody input[value=kept]");
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction((name) => document.querySelector("#preview").textContent.includes(name), chosen);
  await page.keyboard.press("Control+s");
  await page.waitForURL(/\/people\/[^/]+$/);
  check((await page.textContent("h1")).includes(chosen), "the chosen name");
  tell(page, "a duplicate merged, the other name chosen");
  const kept = page.url();
  await page.goto(`${base}/people/${other}`);
  check(page.url() === kept, "the old address leads to the record that was kept");
  await page.goto(`${kept}/history`);
  await page.click("form[action$='/unmerge'] button");
  await page.waitForURL(/history$/);
  check((await page.goto(`${base}/people/${other}`)).status() === 200 && page.url() !== kept, "it is back");
  await page.goto(`${base}/duplicates`);
  await page.click("form[action='/duplicates'] button");
  check((await page.locator(`ol.pairs a[href*='${other}']`).count()) > 0, "the pair waits again");
  check(page.problems.length === 0, page.problems.join("\n"));
  await page.context().close();
});
