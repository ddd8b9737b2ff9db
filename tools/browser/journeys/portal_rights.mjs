// The person's rights in the portal: a request, a copy, and "erase me" on a customer with an open invoice, a case at a collection
// partner that has ended, a letter and three partners: from the link to the receipt, and the receipt verified.
import { readFileSync } from "node:fs";
import { accessible, begin, check, look, narrow, open, picture, portal, tabTo, tell, test } from "../lib.mjs";
import { enter } from "../link.mjs";

const LEAVING = "eila@lahtija.example.com";
const OWN = ["/rights", "/requests", "/requests/new", "/copies", "/erasure"];
const PUBLIC = ["/erased", "/receipt"];

// Every page in three languages, at the width of a telephone and of a desk, light and dark.
const pages = async (page, paths) => {
  for (const path of paths) {
    for (const language of ["sv", "en", "fi"]) {
      for (const [width, colorScheme] of [[390, "light"], [1440, "light"], [390, "dark"], [1440, "dark"]]) {
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
          await picture(page, `rights${path.replace(/\//g, "_").replace(/[0-9a-f-]{36}/, "id")}-${language}-${colorScheme}-${width}`);
        });
      }
    }
  }
};

const page = await open({ viewport: { width: 390, height: 844 } });
let ready = false;
await test("a person asks for a restriction and makes a copy", async () => {
  await enter(page, LEAVING);
  await page.goto(`${portal}/requests/new`);
  await page.check("#kind-restriction");
  await page.fill("#text", "Osoitteeni on väärin. Älkää käyttäkö sitä.");
  await page.click("form.page button[type=submit]");
  await page.waitForURL(/\/requests\/[0-9a-f-]{36}$/);
  check((await page.textContent("main")).includes("Vastaamme viimeistään"), "until when it is answered");
  OWN.push(new URL(page.url()).pathname);
  await page.goto(`${portal}/copies`);
  await page.click("#access button");
  await page.waitForURL(/\/copies#access$/);
  await page.click("#portability button");
  await page.waitForURL(/\/copies#portability$/);
  const copy = await page.getAttribute("#access .portal-links a", "href");
  for (const file of ["package.pdf", "package.json", "package.html"]) {
    const answer = await page.request.get(`${portal}${copy}/${file}`);
    check(answer.status() === 200 && (await answer.body()).length > 1_000, file);
  }
  check((await page.request.get(portal + copy).then((answer) => answer.text())).includes("Lähtijä"), "it is about her");
  OWN.push(copy);
  check(page.problems.length === 0, page.problems.join("\n"));
  ready = true;
});
if (ready) {
  await pages(page, OWN);
}

await test("erase me: plan, confirmation, receipt, by keyboard alone, and the receipt is genuine", async () => {
  page.problems.length = 0;
  await enter(page, LEAVING);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${portal}/rights?lang=fi`);
  begin(page);
  await tabTo(page, "main a[href='/erasure']", 120);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/erasure$/);
  const plan = await page.textContent("main");
  for (const text of ["Poistetaan heti", "Säilytetään vielä", "Avoin lasku", "Kirjanpitoaineisto", "Esimerkkipaino Oy",
    "Pilvipuu Ohjelmistot Oy", "Kuvitelman Perintä Oy", "Sinulla on avoin lasku"]) {
    check(plan.includes(text), `the plan says ${text}`);
  }
  check(!plan.includes("Perintä kesken"), "the case has ended");
  await look(page, "erase-1-plan");
  await page.click("form button[data-color=danger]");
  await page.waitForSelector("#sure-error");
  await look(page, "erase-2-not-confirmed");
  // The browser's word about the answer 422, which was asked for.
  check(page.problems.every((problem) => problem.includes("422")), page.problems.join("\n"));
  page.problems.length = 0;
  await tabTo(page, "#sure", 120);
  await page.keyboard.press("Space");
  await tabTo(page, "form button[data-color=danger]");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/erased$/);
  await look(page, "erase-3-receipt");
  tell(page, "erased herself, with the receipt before her");
  const loading = page.waitForEvent("download");
  await page.click("main a[download]");
  const receipt = readFileSync(await (await loading).path(), "utf8");
  const signedOut = await page.request.get(`${portal}/details`, { maxRedirects: 0 });
  check(signedOut.headers().location?.startsWith("/sign-in"), "she is signed out");
  const anybody = await open({ viewport: { width: 390, height: 844 } });
  await anybody.goto(`${portal}/receipt?lang=fi`);
  await anybody.fill("#text", receipt);
  await anybody.click("form.page button[type=submit]");
  await anybody.waitForSelector(".ds-alert[data-color=success]");
  check((await anybody.textContent("main")).includes("Kuitti on aito"), "anybody verifies the receipt");
  await look(anybody, "erase-4-verified");
  await anybody.goto(`${portal}/receipt?lang=fi`);
  await anybody.fill("#text", receipt.replace(/"signature"\s*:\s*"./, (text) => `${text.slice(0, -1)}${text.endsWith("A") ? "B" : "A"}`).replace("details", "detailz"));
  await anybody.click("form.page button[type=submit]");
  await anybody.waitForSelector(".ds-alert[data-color=danger]");
  await anybody.context().close();
  await page.goto(`${portal}/erasure`);
  check(new URL(page.url()).pathname === "/sign-in", "the plan is nobody's any more");
  check(page.problems.length === 0, page.problems.join("\n"));
});
await page.context().close();
const stranger = await open();
await pages(stranger, PUBLIC);
await stranger.context().close();
