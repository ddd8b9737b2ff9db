import { base, check, look, open, signIn, test } from "../lib.mjs";

await test("the company register fills a form, and is taken over part by part", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/organisations/new`);
  await page.fill("#asked", "2617416-4");
  await page.keyboard.press("Enter");
  await page.waitForURL(/new\/register$/);
  check((await page.inputValue("#name")).startsWith("Kaakkois-Suomen"), "the name is filled in");
  await page.goto(`${base}/organisations`);
  const card = await page.evaluate(() => {
    const row = [...document.querySelectorAll("tbody tr")].find((row) => /\d{7}-\d/.test(row.textContent));
    return row.querySelector("a").getAttribute("href");
  });
  await page.goto(base + card);
  await page.click("form[action$='/register'] button");
  await page.waitForSelector("input[name=part]");
  await look(page, "company-register");
  await page.uncheck("input[value=name]");
  await page.keyboard.press("Control+s");
  await page.waitForURL(base + card);
  const shown = await page.textContent("main");
  check(shown.includes("Pitkäkosken rinnetie 38 B 4") && !(await page.textContent("h1")).includes("Kaakkois"), "only what was ticked");
  check(page.problems.length === 0, page.problems.join("\n"));
  await page.context().close();
});
