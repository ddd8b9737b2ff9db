import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base, begin, check, open, signIn, tabTo, tell, test } from "../lib.mjs";

// A reference payment file of one payment without a reference to the account of the demo's first company.
const file = (cents) => {
  const path = join(mkdtempSync(join(tmpdir(), "seloste-payments-")), "viitteet.ktl");
  const amount = String(cents).padStart(10, "0");
  const record = `312345600000785261127261127${"SELAIN0000000001"}${"0".repeat(20)}${"MAKSAJA MALL"}1A${amount}0J `;
  const trailer = `9000001${String(cents).padStart(11, "0")}${"0".repeat(17)}`;
  writeFileSync(path, `${"02611231030NDDFI00001 1".padEnd(90)}\r\n${record.padEnd(90)}\r\n${trailer.padEnd(90)}\r\n`);
  return path;
};

await test("a payment file is taken in and a payment without a reference placed, by keyboard, and once", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/overdue?company=arjasmaa`);
  const number = (await page.textContent("tbody td a")).trim();
  const path = file(100);
  begin(page);
  await page.goto(`${base}/payment-files`);
  await page.setInputFiles("#file", path);
  await tabTo(page, "form[action='/payment-files'] button");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/payment-files\/waiting\//);
  check((await page.textContent("main table")).includes("1"), "the dry look tells of one payment");
  check(await page.evaluate(() => document.activeElement.matches("button[autofocus]")), "taking it in is one key away");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/payment-files\/[0-9a-f-]{36}$/);
  await tabTo(page, "main a[href='/payments']");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/payments$/);
  await tabTo(page, "tbody a[href^='/payments/']");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/payments\/[0-9a-f-]{36}/);
  await tabTo(page, "#words");
  await page.keyboard.type(number);
  await page.keyboard.press("Enter");
  await page.waitForURL(/words=/);
  await tabTo(page, "input[name=chosen]");
  if (!(await page.isChecked("input[name=chosen]"))) {
    await page.keyboard.press("Space");
  }
  await page.keyboard.press("Control+s");
  await page.waitForURL((url) => !url.search.includes("words"));
  tell(page, "a payment file taken in and an unmatched payment placed");
  check((await page.textContent("main")).includes(number), "the payment is on the invoice");
  // The same file again brings nothing.
  await page.goto(`${base}/payment-files`);
  await page.setInputFiles("#file", path);
  await page.click("form[action='/payment-files'] button");
  await page.waitForURL(/waiting/);
  check((await page.$("form[action$='/remove']")) !== null && (await page.$("button[autofocus]")) === null, "nothing new");
  check(page.problems.length === 0, page.problems.join("\n"));
  await page.context().close();
});
