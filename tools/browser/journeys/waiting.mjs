// An erasure that waits: a customer with an open order lets it wait in the portal, staff see what it waits for, and the customer takes
// it back.
import { accessible, base, check, look, narrow, open, portal, signIn, test } from "../lib.mjs";
import { enter } from "../link.mjs";

const staff = await open();
await signIn(staff, "aino");
// Somebody whose order is not delivered yet.
const held = async () => {
  await staff.goto(`${base}/orders`);
  const orders = await staff.$$eval("main a[href^='/orders/0']", (all) => [...new Set(all.map((a) => a.getAttribute("href")))]);
  for (const order of orders) {
    await staff.goto(base + order);
    const link = await staff.$("main a[href^='/people/0']");
    const card = link && (await link.getAttribute("href"));
    if (!card) {
      continue;
    }
    await staff.goto(base + card);
    const mail = (await staff.textContent("main")).match(/[\w.-]+@[\w.-]*example\.\w+/);
    await staff.goto(`${base}${card}/erasure`);
    if (mail && (await staff.$("form[action$='/erasure/wait']"))) {
      return { card, mail: mail[0] };
    }
  }
  throw new Error("nobody of the demo has an open order");
};

await test("an erasure waits for an open order until it is taken back", async () => {
  const { card, mail } = await held();
  const page = await open({ viewport: { width: 390, height: 844 } });
  await enter(page, mail);
  await page.goto(`${portal}/erasure?lang=fi`);
  await look(page, "erasure-held");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.check("form[action='/erasure/wait'] input[type=checkbox]");
  await page.click("form[action='/erasure/wait'] button[type=submit]");
  await page.waitForURL(/\/requests\/[0-9a-f-]{36}$/);
  const request = page.url();
  await narrow(page);
  await accessible(page);
  await page.goto(`${portal}/erasure`);
  check((await page.textContent("main")).includes("Poisto odottaa"), "it waits");
  await look(page, "erasure-waits");
  await staff.goto(`${base}/erasures`);
  check((await staff.textContent("main")).includes("Avoin tilaus"), "staff see what it waits for");
  await look(staff, "erasures-waiting");
  await page.goto(request);
  await page.click("form[action$='/withdraw'] button");
  await page.waitForLoadState();
  await staff.goto(`${base}${card}/erasure`);
  check((await staff.$("form[action$='/erasure/wait']")) !== null, "it waits no more");
  check(page.problems.length === 0, page.problems.join("\n"));
  await page.context().close();
});
await staff.context().close();
