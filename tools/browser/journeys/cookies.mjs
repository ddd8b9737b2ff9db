// The script for web services, on a page of another origin with a strict policy: nothing before a choice, refusing, allowing, the
// browser's signal, taking back, by keyboard, in three languages, at two widths, light and dark.
import { createServer } from "node:http";
import { accessible, base, check, look, narrow, open, picture, portal, signIn, test } from "../lib.mjs";

const PAGE = (language) => `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Kauppa</title><script src="${portal}/cookies.js" data-company="arjasmaa" defer></script>
<script type="text/plain" data-use="statistics" src="/count.js"></script></head>
<body><main><h1>Kauppa</h1><p>Saappaita ja sadetakkeja.</p><p><a href="/toinen">Toinen sivu</a></p></main></body></html>`;
let counted = 0;
const shop = createServer((request, response) => {
  if (request.url === "/count.js") {
    counted += 1;
    response.setHeader("content-type", "text/javascript");
    response.end("document.documentElement.dataset.counted = '1';");
    return;
  }
  const language = new URL(request.url, "http://127.0.0.1").searchParams.get("lang") ?? "fi";
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.setHeader("content-security-policy",
    `default-src 'self'; script-src 'self' ${portal}; connect-src ${portal}; style-src ${portal}; frame-ancestors 'none'`);
  response.end(PAGE(language));
});
await new Promise((resolve) => shop.listen(0, "127.0.0.1", resolve));
const site = `http://127.0.0.1:${shop.address().port}`;

// The requests to the portal, and what they were answered.
const watched = (page) => {
  page.calls = [];
  page.on("response", (response) => response.url().startsWith(portal) && response.request().method() !== "OPTIONS"
    && page.calls.push(`${response.request().method()} ${new URL(response.url()).pathname.split("/").pop()} ${response.status()}`));
  return page;
};

const shopping = async (options = {}, language = "fi") => {
  const page = watched(await open(options));
  await page.goto(`${site}/?lang=${language}`);
  await page.waitForSelector(".open, [role=dialog]");
  return page;
};

const kept = (page) => page.evaluate(async () => ({
  cookie: document.cookie, local: localStorage.length, session: sessionStorage.length, bases: (await indexedDB.databases()).length,
}));
const nothing = async (page, when) => {
  const { cookie, local, session, bases } = await kept(page);
  check(cookie === "" && local + session + bases === 0, `${when} nothing is set: ${cookie} ${local} ${session} ${bases}`);
  check((await page.context().cookies()).length === 0, `${when} no cookie is set`);
};
const stores = async (page) => {
  const { local, session, bases } = await kept(page);
  check(local + session + bases === 0, "no storage beside the cookie");
  check((await page.context().cookies(portal)).every((cookie) => cookie.name === "seloste-cookies"), "the portal sets none");
};
const allows = (page, use) => page.evaluate((use) => window.seloste.cookies.allows(use), use);
const tell = (page, kind) => page.evaluate((kind) => window.seloste.event(kind), kind);

await test("staff let a web service ask", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/cookies`);
  await page.click("a[href='/cookies/companies/arjasmaa']");
  await page.fill("#origins", `https://www.example.com\n${site}`);
  await page.click("form.page button[type=submit]");
  await page.waitForURL(`${base}/cookies`);
  check((await page.textContent("main")).includes(site), "the web service is listed");
  await look(page, "cookies-staff");
  await page.context().close();
});

await test("a visitor is asked before anything is set, and refuses without a trace", async () => {
  const page = await shopping();
  await page.waitForSelector("[role=dialog]");
  await nothing(page, "before the choice");
  check(page.calls.join() === "GET cookies.js 200,GET wording 200", `only the question is fetched: ${page.calls}`);
  check((await tell(page, "page_seen")) === false, "no event is sent before the choice");
  const [refuse, accept] = await Promise.all(["#refuse", "#accept"].map((id) => page.locator(id).boundingBox()));
  check(Math.abs(refuse.width - accept.width) < 1 && refuse.height === accept.height, "refusing is as large as accepting");
  const looks = (id) => page.locator(id).evaluate((node) => {
    const { color, backgroundColor, fontWeight, fontSize, borderColor } = getComputedStyle(node);
    return [color, backgroundColor, fontWeight, fontSize, borderColor].join();
  });
  check((await looks("#refuse")) === (await looks("#accept")), "and looks the same");
  await page.click("a[href='/toinen']");
  await page.waitForSelector("[role=dialog]");
  await nothing(page, "after going on without a choice");
  await page.click("#refuse");
  await page.waitForSelector("[role=dialog]", { state: "detached" });
  const { cookie } = await kept(page);
  check(decodeURIComponent(cookie) === "seloste-cookies=statistics:0,targeted_content:0||" || decodeURIComponent(cookie) === "seloste-cookies=targeted_content:0,statistics:0||", `no number: ${cookie}`);
  check(!page.calls.some((call) => call.startsWith("POST")), "nothing is sent of a refusal");
  check(counted === 0, "the script of others waits");
  await page.reload();
  await page.waitForSelector(".open");
  check((await page.locator("[role=dialog]").count()) === 0, "a refusal is not asked about again");
  await stores(page);
  check(page.problems.length === 0, page.problems.join("\n"));
  await page.context().close();
});

await test("a visitor allows by keyboard alone, is counted, and takes it back as easily", async () => {
  const page = await shopping({ viewport: { width: 390, height: 844 } });
  const focus = (id) => page.evaluate((id) => document.querySelector("[data-seloste]").shadowRoot.activeElement?.id === id, id);
  const tabUntil = async (id) => {
    for (let tries = 0; tries < 12; tries += 1) {
      await page.keyboard.press("Tab");
      if (await focus(id)) {
        return;
      }
    }
    throw new Error(`${id} is not reached`);
  };
  await page.waitForSelector("[role=dialog]");
  await page.keyboard.press("Tab");
  check(await focus("refuse"), "the question is the first that Tab finds");
  await tabUntil("accept");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=dialog]", { state: "detached" });
  check(await allows(page, "statistics") && await allows(page, "targeted_content"), "both are allowed");
  await page.waitForFunction(() => document.documentElement.dataset.counted === "1");
  check((await tell(page, "page_seen")) && (await tell(page, "product_seen")), "events are kept");
  await stores(page);
  // Taking back: one press opens, one takes back.
  const heard = page.evaluate(() => new Promise((resolve) => document.addEventListener("seloste:cookies", (event) => resolve(event.detail), { once: true })));
  await page.focus(".open");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=dialog]");
  check((await page.locator("code").textContent()).length === 32, "the visitor sees their number");
  await tabUntil("refuse");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=dialog]", { state: "detached" });
  check((await heard).statistics === false, "the page is told");
  check(page.calls.includes("POST withdrawals 204"), `it was taken back: ${page.calls}`);
  check(!/[0-9a-f]{32}/.test((await kept(page)).cookie), "the number is gone");
  check((await tell(page, "page_seen")) === false, "and nothing is sent any more");
  check(page.problems.length === 0, page.problems.join("\n"));
  await page.context().close();
});

await test("one use is chosen, and a choice that the register does not know is asked about again", async () => {
  const page = await shopping();
  await page.click("summary");
  check((await page.locator("input:checked").count()) === 0, "nothing is ticked for the visitor");
  await page.check("input[value=statistics]");
  await page.click("#save");
  await page.waitForSelector("[role=dialog]", { state: "detached" });
  check(await allows(page, "statistics") && !(await allows(page, "targeted_content")), "one is allowed");
  const before = page.calls.length;
  check((await tell(page, "product_seen")) === false && page.calls.length === before, "what is not allowed is not even sent");
  check(await tell(page, "page_seen"), "what is allowed is kept");
  await page.evaluate(() => { document.cookie = `seloste-cookies=${encodeURIComponent(`statistics:1,targeted_content:1|${"0".repeat(32)}|`)}; Path=/`; });
  check((await tell(page, "page_seen")) === false, "an invented number keeps nothing");
  check((await kept(page)).cookie === "", "the choice is forgotten");
  await page.reload();
  await page.waitForSelector("[role=dialog]");
  await page.context().close();
});

for (const [how, options, prepare] of [
  ["by the browser's property", {}, (page) => page.addInitScript(() => Object.defineProperty(navigator, "globalPrivacyControl", { value: true }))],
  ["by the header", { extraHTTPHeaders: { "Sec-GPC": "1" } }, () => {}],
]) {
  await test(`the signal of Global Privacy Control refuses ${how}`, async () => {
    const page = watched(await open(options));
    await prepare(page);
    await page.goto(site);
    await page.waitForSelector(".open");
    check((await page.locator("[role=dialog]").count()) === 0, "nothing is asked");
    await nothing(page, "under the signal");
    check(!(await allows(page, "statistics")), "nothing is allowed");
    await page.click(".open");
    check((await page.textContent("[role=dialog]")).includes("Global Privacy Control"), "the dialog tells of the signal");
    await picture(page, "cookies-signal");
    await page.click("#accept");
    await page.waitForSelector("[role=dialog]", { state: "detached" });
    check(await allows(page, "statistics"), "the visitor may choose otherwise");
    await page.context().close();
  });
}

await test("taking back holds at once when the register can not be reached, and is told later", async () => {
  const page = await shopping();
  await page.click("#accept");
  await page.waitForSelector("[role=dialog]", { state: "detached" });
  await page.route(`${portal}/cookies/v1/arjasmaa/withdrawals`, (route) => route.abort());
  await page.click(".open");
  await page.click("#refuse");
  await page.waitForFunction(() => document.querySelector("[data-seloste]").shadowRoot.querySelector("[role=alert]")?.textContent);
  check(!(await allows(page, "statistics")) && (await tell(page, "page_seen")) === false, "nothing is allowed from that moment");
  await page.unroute(`${portal}/cookies/v1/arjasmaa/withdrawals`);
  page.calls.length = 0;
  await page.reload();
  await page.waitForSelector(".open");
  check(page.calls.includes("POST withdrawals 204"), `it is told later: ${page.calls}`);
  check(!/[0-9a-f]{32}/.test((await kept(page)).cookie), "and the number is gone");
  await page.context().close();
});

for (const language of ["fi", "sv", "en"]) {
  for (const [width, colorScheme] of [[390, "light"], [390, "dark"], [1440, "light"], [1440, "dark"]]) {
    await test(`the question in ${language}, ${colorScheme}, ${width} px`, async () => {
      const page = await shopping({ viewport: { width, height: 844 }, colorScheme }, language);
      await page.waitForSelector("[role=dialog]");
      check((await page.getAttribute("[role=dialog]", "lang")) === language, "its language");
      await narrow(page);
      await accessible(page);
      await picture(page, `cookies-${language}-${colorScheme}-${width}`);
      await page.click("summary");
      await accessible(page);
      await picture(page, `cookies-open-${language}-${colorScheme}-${width}`);
      await page.keyboard.press("Escape");
      await page.waitForSelector(".open");
      await nothing(page, "after closing");
      await accessible(page);
      await page.context().close();
    });
  }
}
shop.close();
