// The portal: signing in by the link of the outbox, a switch, a correction, by keyboard alone; then every page of it in three
// languages, at the width of a telephone and of a desk.
import { accessible, begin, check, narrow, open, picture, portal, tabTo, tell, test, visitor } from "../lib.mjs";
import { linkOf } from "../link.mjs";

const OWN = ["/", "/details", "/details/telephone", "/details/postal_address", "/details/email", "/details/name",
  "/details/language", "/prohibitions", "/consents", "/orders", "/recipients", "/uses", "/messages", "/passkeys", "/receive", "/notice", "/prove"];
const PUBLIC = ["/sign-in", "/enter", "/invitation", "/register", "/register/confirm", "/notice"];

const look = async (page, paths) => {
  for (const path of paths) {
    for (const language of ["fi", "sv", "en"]) {
      for (const [width, colorScheme] of [[390, "light"], [1440, "light"], [390, "dark"]]) {
        await test(`portal ${path} in ${language}, ${colorScheme}, ${width} px`, async () => {
          page.problems.length = 0;
          await page.setViewportSize({ width, height: width === 1440 ? 900 : 844 });
          await page.emulateMedia({ colorScheme });
          const response = await page.goto(`${portal}${path}?lang=${language}`);
          check(response.status() === 200, `status ${response.status()}`);
          check((await page.getAttribute("html", "lang")) === language, "the language of the page");
          await narrow(page);
          if (language === "fi") {
            await accessible(page);
          }
          check(page.problems.length === 0, page.problems.join("\n"));
          await picture(page, `portal${path.replace(/\//g, "_")}-${language}-${colorScheme}-${width}`);
        });
      }
    }
  }
};

let signed = null;
await test("a person signs in by the link, forbids and corrects, by keyboard alone", async () => {
  const page = await open({ viewport: { width: 390, height: 844 } });
  await page.goto(`${portal}/sign-in`);
  begin(page);
  await tabTo(page, "#email");
  await page.keyboard.type(visitor);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/enter$/);
  const link = await linkOf(visitor, "/enter");
  await page.goto(link);
  check((await page.inputValue("#said")).length > 20, "the token is put into the form");
  check(!page.url().includes("#"), "and taken out of the address");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${portal}/`);
  await tabTo(page, "nav a[href='/prohibitions']");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/prohibitions$/);
  await tabTo(page, "#marketing_telephone button[role=switch]", 120);
  check((await page.getAttribute("#marketing_telephone button", "aria-checked")) === "false", "it is allowed");
  await page.keyboard.press("Space");
  await page.waitForURL(/\/prohibitions#marketing_telephone$/);
  await page.waitForSelector("#marketing_telephone button[aria-checked=true]");
  await tabTo(page, "nav a[href='/details']", 120);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/details$/);
  await tabTo(page, "a[href='/details/telephone']", 120);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/details\/telephone$/);
  await tabTo(page, "#telephone-0");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("050 123 4567");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/details\?done$/);
  check((await page.textContent("main")).includes("+358 50 1234567"), "the number stands among the details");
  tell(page, "signed in, forbade, corrected a telephone number");
  check(page.problems.length === 0, page.problems.join("\n"));
  signed = page;
});

if (signed !== null) {
  const order = await signed.goto(`${portal}/orders`).then(() => signed.getAttribute("main a[href^='/orders/']", "href"));
  const message = await signed.goto(`${portal}/messages`).then(() => signed.getAttribute("main a[href^='/messages/']", "href"));
  await look(signed, [...OWN, order, message]);
  await test("an invoice of the portal is a PDF file", async () => {
    await signed.goto(`${portal}/orders`);
    const invoice = await signed.getAttribute("main a[href$='.pdf']", "href").catch(() => null);
    if (invoice !== null) {
      const answer = await signed.request.get(portal + invoice);
      check(answer.status() === 200 && (await answer.body()).subarray(0, 5).toString() === "%PDF-", "a PDF file");
    }
  });
  await test("the portal works without JavaScript", async () => {
    const page = await open({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    await page.goto(`${portal}/sign-in`);
    await page.fill("#email", visitor);
    await page.click("main button");
    await page.waitForURL(/\/enter$/);
    check(await page.isVisible("#said"), "the code can be typed");
    await page.context().close();
  });
  await signed.context().close();
}
const stranger = await open();
await look(stranger, PUBLIC);
await stranger.context().close();
