import { base, begin, check, open, signIn, tabTo, tell, test } from "../lib.mjs";

await test("an order is invoiced and sent, by keyboard alone, and once", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/orders?state=delivered&company=arjasmaa`);
  const orders = await page.evaluate(() => [...document.querySelectorAll("tbody a")].map((link) => link.getAttribute("href")));
  for (const order of orders) {
    await page.goto(base + order);
    if (await page.$("form[action$='/invoice'] button:not([name=again])")) {
      break;
    }
  }
  begin(page);
  await tabTo(page, "form[action$='/invoice'] button");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/invoices\/[0-9a-f-]{36}$/);
  const gross = (await page.textContent("tfoot strong")).trim();
  await tabTo(page, "form.send button");
  // Pressed twice: one number.
  await Promise.all([page.waitForSelector("dl.figures"), page.keyboard.press("Enter"), page.keyboard.press("Enter")]);
  tell(page, "an order invoiced and sent by e-mail");
  const title = await page.textContent("h1");
  check(/\d{4}-\d{5}/.test(title), `${title} has a number`);
  check((await page.textContent("dl.figures")).includes(gross), "the sum is that of the preview");
  const pdf = await page.request.get(`${page.url()}/invoice.pdf`);
  check(pdf.status() === 200 && (await pdf.body()).subarray(0, 5).toString() === "%PDF-", "the invoice is printed");
  // A part of it is taken back.
  await page.click("button[value=part]");
  await page.waitForURL(/\/edit$/);
  await page.keyboard.press("Control+s");
  await page.waitForURL((url) => !url.pathname.endsWith("/edit"));
  await tabTo(page, "form.send button");
  await Promise.all([page.waitForSelector("dl.figures"), page.keyboard.press("Enter")]);
  check(page.problems.length === 0, page.problems.join("\n"));
  await page.context().close();
});

await test("an invoice is written by keyboard, its sums counted as one types and without JavaScript", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/invoices/new`);
  begin(page);
  await page.keyboard.type("virta");
  await page.waitForSelector("#customers a");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/person=|organisation=/);
  const offer = await page.evaluate(() => {
    const company = document.getElementById("company").value;
    const own = [...document.querySelectorAll("#products option")].find((option) => option.dataset.company === company);
    return { code: own.value, price: Number(own.dataset.price.replace(",", ".")) };
  });
  await page.keyboard.type(offer.code);
  await page.keyboard.press("Enter");
  await page.keyboard.type("3");
  await page.keyboard.press("Enter");
  const sum = (3 * offer.price).toFixed(2).replace(".", ",");
  const shown = () => page.evaluate(() => document.querySelector("#totals dd").textContent.replace(/\s/g, ""));
  for (let tries = 0; tries < 40 && !(await shown()).startsWith(sum); tries += 1) {
    await page.waitForTimeout(50);
  }
  check((await shown()).startsWith(sum), `${await shown()} is shown and ${sum} is right`);
  await page.keyboard.press("Control+s");
  await page.waitForURL(/\/invoices\/[0-9a-f-]{36}$/);
  tell(page, "an invoice of one line");
  check(page.problems.length === 0, page.problems.join("\n"));
  const plain = await open({ javaScriptEnabled: false });
  await signIn(plain, "aino");
  await plain.goto(`${base}/invoices/new?words=virta`);
  await plain.click("#customers a");
  await plain.fill("[name=product] >> nth=0", offer.code);
  await plain.fill("[name=quantity] >> nth=0", "3");
  await plain.click("button[value=count]");
  check((await plain.textContent("#totals dd")).replace(/\s/g, "").startsWith(sum), "the sums are counted without JavaScript");
  await plain.context().close();
  await page.context().close();
});
