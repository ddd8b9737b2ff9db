import { base, begin, check, countAnswer, open, signIn, tell, test } from "../lib.mjs";

await test("a letter is written by keyboard, recorded, and printed", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/people`);
  const card = await page.getAttribute("tbody a", "href");
  await page.goto(`${base}${card}/letter`);
  begin(page);
  await page.keyboard.type("Tervetuloa asiakkaaksi");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Hei!\n\nKiitos tilauksesta.\n\n- hinnasto\n- seloste");
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith("/letter") && response.request().method() === "POST"),
    page.keyboard.press("Control+s"),
  ]);
  countAnswer(page, answer);
  tell(page, "a letter, 70 of them its heading and text");
  check(answer.status() === 200 && answer.headers()["content-type"] === "application/pdf", `${answer.status()}`);
  // The browser may still be opening the document in this page.
  const after = await page.context().newPage();
  await after.goto(`${base}${card}/history`);
  check((await after.textContent("article")).includes("Tervetuloa asiakkaaksi"), "the letter is in the history");
  for (const path of [`${card}/card.pdf`, "/notice.pdf"]) {
    const pdf = await after.request.get(base + path);
    check(pdf.status() === 200 && (await pdf.body()).subarray(0, 5).toString() === "%PDF-", path);
  }
  await page.context().close();
});
