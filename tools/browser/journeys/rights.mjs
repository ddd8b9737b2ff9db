import { base, check, open, signIn, test } from "../lib.mjs";

await test("the auditor sees the log and no customers", async () => {
  const page = await open();
  await signIn(page, "tarmo");
  check((await page.$$("a[href='/people']")).length === 0, "no link to customers");
  check((await page.goto(`${base}/people`)).status() === 404, "no list of customers");
  check((await page.goto(`${base}/log`)).status() === 200, "the log");
  await page.context().close();
});
