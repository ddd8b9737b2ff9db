import { base, check, first, open, signIn, test } from "../lib.mjs";

// Sends the form of the page twice at the same moment, past the script that would hold the second one back; where the
// answers lead.
const twice = (page) => page.evaluate(async () => {
  const form = document.querySelector("form[data-save]");
  const body = new URLSearchParams(new FormData(form, form.querySelector("[type=submit]")));
  const answers = await Promise.all([1, 2].map(() => fetch(form.action, { method: "POST", body })));
  return answers.map((answer) => `${answer.status} ${new URL(answer.url).pathname}`);
});

// Each form that adds a record: what is typed into it, and the list that shows what came of it.
const forms = [
  {
    noun: "a person", path: async () => "/people/new", list: "/people?q=kaksoislähetys",
    fill: async (page, word) => {
      await page.fill("#given", word);
      await page.fill("#family", "Kaksoislähetys");
      await page.fill("#emails-0", "kaksois@example.com");
      await page.check("[name=companies] >> nth=1");
    },
    typed: "#given",
  },
  {
    noun: "an organisation", path: async () => "/organisations/new", list: "/search?q=kaksoisyhtiö",
    fill: async (page, word) => {
      await page.fill("#name", `Kaksoisyhtiö ${word}`);
      await page.check("[name=companies] >> nth=1");
    },
    typed: "#name",
  },
  {
    noun: "an order", path: async (page) => `/orders/new?person=${(await first(page, "/people")).split("/").pop()}`, list: null,
    fill: async (page, word) => {
      await page.fill("[name=product] >> nth=0", await page.getAttribute("#products option", "value"));
      await page.fill("[name=description] >> nth=0", word);
      await page.fill("[name=quantity] >> nth=0", "3");
    },
    typed: "[name=description] >> nth=0",
  },
];

for (const { noun, path, list, fill, typed } of forms) {
  await test(`the form of ${noun} sent twice adds one, and Back shows what was typed`, async () => {
    const page = await open();
    await signIn(page, "aino");
    const form = base + (await path(page));
    await page.goto(form);
    await fill(page, "Ensimmäinen");
    const [one, other] = await twice(page);
    check(one === other && /^200 .*[0-9a-f-]{36}$/.test(one), `${one} and ${other}`);
    if (list) {
      await page.goto(base + list);
      const shown = await page.textContent("body");
      check(shown.split(/Ensimmäinen/).length - 1 === 1, "one is there");
    }
    // Sent, gone back to, changed and sent again: it is told, and nothing is added before it is sent once more.
    await page.goto(form);
    await fill(page, "Toinen");
    await page.keyboard.press("Control+s");
    await page.waitForURL((url) => /[0-9a-f-]{36}$/.test(url.pathname));
    const made = page.url();
    await page.goBack();
    await page.waitForFunction((selector) => document.querySelector(selector)?.value.includes("Toinen"), typed.split(" >>")[0]);
    await page.keyboard.press("Control+s");
    await page.waitForURL(made);
    await page.goBack();
    await page.waitForFunction((selector) => document.querySelector(selector)?.value.includes("Toinen"), typed.split(" >>")[0]);
    await fill(page, "Kolmas");
    await page.keyboard.press("Control+s");
    await page.waitForSelector(`main [role=alert] a[href='${new URL(made).pathname}']`);
    check((await page.inputValue(typed)).includes("Kolmas"), "what was typed is still there");
    await page.context().close();
  });
}

await test("a product sent twice is added once", async () => {
  const page = await open();
  await signIn(page, "anders");
  await page.goto(`${base}/products/new`);
  await page.fill("#code", "KAKSI1");
  await page.fill("#name", "Kaksoistuote");
  await page.fill("#unit_price", "1,00");
  await page.fill("#vat_rate", "25,5 %");
  const answers = await twice(page);
  check(answers.some((answer) => answer.startsWith("200")), answers.join(", "));
  await page.goto(`${base}/products`);
  check((await page.locator("td:has-text('Kaksoistuote')").count()) === 1, "one product");
  await page.context().close();
});
