import { base, begin, check, open, signIn, tell, test } from "../lib.mjs";

await test("an order is taken by telephone, by keyboard alone", async () => {
  const page = await open();
  await signIn(page, "anders");
  await page.goto(`${base}/orders/new`);
  begin(page);
  await page.keyboard.type("virta");
  await page.waitForSelector("#customers a");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/person=|organisation=/);
  const offers = await page.evaluate(() => {
    const company = document.getElementById("company").value;
    const own = [...document.querySelectorAll("#products option")].filter((option) => option.dataset.company === company);
    return own.slice(0, 4).map((option) => ({ code: option.value, price: Number(option.dataset.price.replace(",", ".")) }));
  });
  for (const { code } of offers) {
    await page.keyboard.type(code);
    await page.keyboard.press("Enter");
    await page.keyboard.type("2");
    await page.keyboard.press("Enter");
  }
  const sum = offers.reduce((all, offer) => all + 2 * offer.price, 0).toFixed(2).replace(".", ",");
  const shown = () => page.evaluate(() => document.querySelector("#totals dd").textContent.replace(/\s/g, ""));
  for (let tries = 0; tries < 40 && !(await shown()).startsWith(sum); tries += 1) {
    await page.waitForTimeout(50);
  }
  check((await shown()).startsWith(sum), `${await shown()} is shown and ${sum} is right`);
  await page.keyboard.press("Control+s");
  await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
  check((await page.locator("tbody tr").count()) === offers.length, "every line is there");
  tell(page, `an order of ${offers.length} lines`);
  const order = page.url();
  // Again next week.
  await page.goto(order);
  await page.click("a[href*='repeat=']");
  await page.waitForURL(/repeat=/);
  await page.waitForSelector("form[data-save]");
  await page.keyboard.press("Control+s");
  await page.waitForURL((url) => /\/orders\/[0-9a-f-]{36}$/.test(url.pathname) && url.href !== order);
  check((await page.locator("tbody tr").count()) === offers.length, "the repeated order has the same lines");
  check(page.problems.length === 0, page.problems.join("\n"));
  await page.context().close();
});

await test("an order is taken without JavaScript: the catalogue fills the line", async () => {
  const page = await open({ javaScriptEnabled: false });
  await signIn(page, "anders");
  await page.goto(`${base}/orders/new?words=virta`);
  await page.click("#customers a");
  const code = await page.getAttribute("#products option", "value");
  await page.fill("[name=product] >> nth=0", code);
  await page.click("button[value=confirm]");
  check(/\/orders\/[0-9a-f-]{36}$/.test(page.url()), page.url());
  check((await page.textContent("tbody")).includes(code), "the line is there");
  await page.context().close();
});
