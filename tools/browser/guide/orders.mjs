import { base, first } from "../lib.mjs";

export default {
  "orders-entry": async (page) => {
    const person = (await first(page, "/people")).split("/").pop();
    await page.goto(`${base}/orders/new?person=${person}`);
    const codes = await page.evaluate(() => {
      const company = document.getElementById("company").value;
      const own = [...document.querySelectorAll("#products option")].filter((option) => option.dataset.company === company);
      return own.slice(0, 2).map((option) => option.value);
    });
    for (const code of codes) {
      await page.keyboard.type(code);
      await page.keyboard.press("Enter");
      await page.keyboard.type("2");
      await page.keyboard.press("Enter");
    }
    await page.waitForFunction(() => /[1-9]/.test(document.querySelector("#totals dd").textContent));
  },
  "orders-order": async (page) => {
    await page.goto(base + (await first(page, "/orders?state=confirmed")));
  },
};
