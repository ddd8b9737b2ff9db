// Drives the demo register in a real browser: every page in three languages, light and dark, at two widths, without an
// accessibility violation (WCAG 2.2 AA), a horizontal scroll, a console error; and the commonest journeys by keyboard.
//
//   SELOSTE_BINARY=target/debug/seloste SELOSTE_CHROMIUM=/usr/bin/chromium node tools/browser/run.mjs [--pictures DIR]
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = process.argv.includes("--pictures") ? process.argv[process.argv.indexOf("--pictures") + 1] : null;
const folder = mkdtempSync(join(tmpdir(), "seloste-browser-"));
const binary = process.env.SELOSTE_BINARY ?? "target/debug/seloste";
// A company register that knows every business id, in the form of the open data of the real one (version 3).
const companies = createServer((request, response) => {
  const id = new URL(request.url, "http://127.0.0.1").searchParams.get("businessId");
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ companies: [{
    businessId: { value: id, registrationDate: "2014-04-22", source: "3" },
    names: [{ name: "Kaakkois-Suomen Rakennustarvikkeiden Tukkuliike Esimerkki Oy", type: "1", version: 1, registrationDate: "2020-02-01" }],
    addresses: [1, 2].map((type) => ({
      type, street: "Pitkäkosken rinnetie", buildingNumber: "38", entrance: "B", apartmentNumber: "4", postCode: "90100",
      postOffices: [{ city: "OULU", languageCode: "1", municipalityCode: "564" }], registrationDate: "2022-06-15",
    })),
  }] }));
});
await new Promise((resolve) => companies.listen(0, "127.0.0.1", resolve));
const feeds = join(folder, "feeds");
mkdirSync(join(feeds, "verkkokauppa"), { recursive: true });
const server = spawn(binary, [
  "--data", join(folder, "demo"), "--lang", "en", "demo", "--listen", "127.0.0.1:0", "--feed-folder", feeds,
  "--trusted-host", "127.0.0.1", "--company-register", `http://127.0.0.1:${companies.address().port}/v3`,
]);
const results = { passed: 0, failed: 0 };

const said = await new Promise((resolve, reject) => {
  let text = "";
  server.stdout.on("data", (data) => {
    text += data;
    if (/http:\/\/127\.0\.0\.1:\d+/.test(text)) {
      resolve(text);
    }
  });
  server.stderr.on("data", (data) => (text += data));
  server.on("exit", () => reject(new Error(`the demo ended: ${text}`)));
});
const base = said.match(/http:\/\/127\.0\.0\.1:\d+/)[0];
const accounts = new Map([...said.matchAll(/^\s+(\w+)\s+(\w{4}-\w{4}-\w{4}-\w{4})/gm)].map((m) => [m[1], m[2]]));

const test = async (name, work) => {
  try {
    await work();
    results.passed += 1;
  } catch (error) {
    results.failed += 1;
    console.log(`FAILED ${name}\n  ${String(error.message ?? error).split("\n").join("\n  ")}`);
  }
};
const check = (right, what) => {
  if (!right) {
    throw new Error(what);
  }
};

const browser = await chromium.launch({
  executablePath: process.env.SELOSTE_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});

const signIn = async (page, login) => {
  await page.goto(`${base}/sign-in`);
  await page.fill("#login", login);
  await page.fill("#password", accounts.get(login));
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
};

// From here on a job is counted; signing in and opening its first page are not.
const begin = (page) => { page.cost = { keys: 0, millis: 0, answers: 0 }; };
const tell = (page, job) => {
  const { keys, millis, answers } = page.cost;
  console.log(`job: ${job}: ${keys} keystrokes, ${answers} answers, ${millis.toFixed(0)} ms of the server`);
};

const open = async (options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "fi-FI", ...options });
  const page = await context.newPage();
  page.problems = [];
  page.on("console", (message) => message.type() === "error" && page.problems.push(message.text()));
  page.on("pageerror", (error) => page.problems.push(String(error)));
  // What a job costs: keys pressed, and the time until the server began to answer, without assets.
  page.cost = { keys: 0, millis: 0, answers: 0 };
  const { press, type } = page.keyboard;
  page.keyboard.press = (...key) => { page.cost.keys += 1; return press.apply(page.keyboard, key); };
  page.keyboard.type = (text, ...more) => { page.cost.keys += text.length; return type.call(page.keyboard, text, ...more); };
  page.on("requestfinished", (request) => {
    const { requestStart, responseStart } = request.timing();
    if (!request.url().includes("/assets/") && responseStart > 0) {
      page.cost.millis += responseStart - requestStart;
      page.cost.answers += 1;
    }
  });
  return page;
};

// Sends the file of the example that has every kind of mess; the path of its page.
const send = async (page) => {
  await page.goto(`${base}/imports/new`);
  await page.selectOption("#company", "arjasmaa");
  await page.setInputFiles("#file", fileURLToPath(new URL("../../examples/arjasmaa/asiakkaat.csv", import.meta.url)));
  await page.click("form.page button[type=submit]");
  await page.waitForURL(/\/imports\/files\//);
  return new URL(page.url()).pathname;
};

// Adds a feed of people from a folder.
const addFeed = async (page, name, address) => {
  await page.goto(`${base}/feeds/new`);
  await page.fill("#name", name);
  await page.fill("#address", address);
  await page.selectOption("#source", "registration");
  await page.selectOption("#company", "arjasmaa");
  await page.click("form.page button[type=submit]");
  await page.waitForURL(/\/feeds\/[0-9a-f-]{36}$/);
};

// The pages of one person, one organisation and one order, found as a member of staff finds them.
const paths = async (page) => {
  const first = async (list) => {
    await page.goto(base + list);
    return page.getAttribute("tbody a", "href");
  };
  const person = await first("/people");
  await page.goto(`${base}/duplicates`);
  const pair = await page.getAttribute("ol.pairs a.ds-button", "href");
  const organisation = await first("/organisations");
  const order = await first("/orders?state=draft");
  const [draft, sent, mirrored] = [await first("/invoices?state=draft"), await first("/invoices?state=overdue&company=arjasmaa"), await first("/invoices?state=paid&company=palvelut")];
  const file = await send(page);
  // Column choices that are saved, and a feed with a history: made once, found again.
  await page.fill("#name", "Asiakastiedosto verkkokaupasta");
  await page.click("button[value=keep]");
  await page.waitForLoadState();
  const mapping = await first("/imports/mappings");
  await page.goto(`${base}/feeds`);
  if (await page.$("tbody a") === null) {
    await addFeed(page, "Verkkokaupan asiakkaat yöllä", join(feeds, "verkkokauppa"));
  }
  const feed = await first("/feeds");
  return [
    "/feeds", "/feeds/new", feed, `${feed}/edit`, "/imports/mappings", mapping,
    "/", "/people", "/people?q=virtanen", "/people?q=zzzz", "/people/new", "/people/export", person, `${person}/edit`, `${person}/orders`,
    `${person}/history`, `${person}/log`, `${person}/merge`, `${person}/letter`, `${person}/message`, `${organisation}/letter`, `${organisation}/message`, "/duplicates", "/proposals", "/proposals?state=kept", pair, "/organisations", "/organisations/new", organisation, `${organisation}/edit`,
    "/orders", "/orders/new", "/orders/new?words=virta", `/orders/new?person=${person.split("/").pop()}`, "/products",
    "/invoices", "/invoices?state=overdue", "/invoices?number=ei-ole", "/invoices/ledger", "/invoices/new", `/invoices/new?person=${person.split("/").pop()}`,
    draft, `${draft}/edit`, sent, `${sent}/mail`, mirrored, `${person}/invoices`, `${organisation}/invoices`, "/invoices/billing", "/invoices/billing/arjasmaa",
    "/orders?state=archived", order, `${order}/edit`, `${order}/history`, "/imports", "/imports/new", file, "/users", "/notices",
    "/log", "/account", "/notice",
  ];
};

const languages = ["fi", "sv", "en"];
for (const language of languages) {
  for (const colorScheme of ["light", "dark"]) {
    const page = await open({ colorScheme });
    await signIn(page, "aino");
    await page.goto(`${base}/account`);
    await page.selectOption("#language", language);
    await page.click("form[action='/account/language'] button");
    const all = await paths(page);
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: width === 1440 ? 900 : 844 });
      for (const path of all) {
        const address = path === "/notice" ? `${path}?lang=${language}` : path;
        await test(`${address} in ${language}, ${colorScheme}, ${width} px`, async () => {
          page.problems.length = 0;
          const response = await page.goto(base + address);
          check(response.status() === 200, `status ${response.status()}`);
          check((await page.getAttribute("html", "lang")) === language, "the language of the page");
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          check(wide <= 0, `scrolls sideways by ${wide} px`);
          // The structure is the same in every language: the others are looked at once.
          if (language === "fi" ? width === 1440 || colorScheme === "light" : width === 1440 && colorScheme === "light") {
            // Run in the page's own world by the debugger, so that the strict policy stays as it is.
            await page.evaluate(axe);
            const found = await page.evaluate(() =>
              window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
            const told = found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")}`);
            check(told.length === 0, told.join("\n"));
          }
          check(page.problems.length === 0, page.problems.join("\n"));
          if (pictures) {
            const name = path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "ID").replace(/[/?=]+/g, "_");
            await page.screenshot({ path: join(pictures, `${name}-${language}-${colorScheme}-${width}.png`) });
          }
        });
      }
    }
    await page.context().close();
  }
}

await test("23 customers fit on a laptop's screen", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/people`);
  const shown = await page.evaluate(() =>
    [...document.querySelectorAll("tbody tr")].filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length);
  check(shown >= 21, `${shown} rows`);
  await page.context().close();
});

await test("a customer is found by keyboard as one types, and a telephone number corrected with Ctrl+S", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/people`);
  const name = (await page.textContent("tbody a")).trim();
  begin(page);
  await page.keyboard.press("/");
  await page.keyboard.type(name.toLowerCase());
  await page.waitForSelector("#found a");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/people\//);
  const tabTo = async (selector) => {
    for (let tries = 0; tries < 60; tries += 1) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
        return;
      }
    }
    throw new Error(`${selector} is not reached by Tab`);
  };
  await tabTo("a[href$='/edit']");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/edit$/);
  await page.waitForLoadState();
  await tabTo("[name='telephones.text']");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("050 555 0123");
  await page.keyboard.press("Control+s");
  await page.waitForURL((url) => !url.pathname.endsWith("/edit"));
  tell(page, "a customer found and a telephone number corrected");
  check((await page.textContent("main")).includes("+358 50 5550123"), "the new number is shown");
  await page.context().close();
});

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
  const tabTo = async (selector) => {
    for (let tries = 0; tries < 80; tries += 1) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
        return;
      }
    }
    throw new Error(`${selector} is not reached by Tab`);
  };
  begin(page);
  await tabTo("form[action$='/invoice'] button");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/invoices\/[0-9a-f-]{36}$/);
  const gross = (await page.textContent("tfoot strong")).trim();
  await tabTo("form.send button");
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
  await tabTo("form.send button");
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

await test("a letter is written by keyboard, recorded, and printed", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/people`);
  const card = await page.getAttribute("tbody a", "href");
  await page.goto(`${base}${card}/letter`);
  begin(page);
  await page.keyboard.type("Tervetuloa asiakkaaksi");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Hei!\n\nKiitos tilauksesta.\n\n- hinnasto\n- seloste");
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith("/letter") && response.request().method() === "POST"),
    page.keyboard.press("Control+s"),
  ]);
  tell(page, "a letter, 70 of them its heading and text");
  check(answer.status() === 200 && answer.headers()["content-type"] === "application/pdf", `${answer.status()}`);
  // The browser may still be opening the document in this page.
  const after = await page.context().newPage();
  await after.goto(`${base}${card}/history`);
  check((await after.textContent("article")).includes("Tervetuloa asiakkaaksi"), "the letter is in the history");
  for (const path of [`${card}/card.pdf`, "/notice.pdf"]) {
    const pdf = await after.request.get(base + path);
    check(pdf.status() === 200 && (await pdf.body()).subarray(0, 5).toString() === "%PDF-", path);
  }
  await page.context().close();
});

await test("what a weaker source says is accepted or kept, one by one and by what is ticked", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/proposals`);
  const count = () => page.locator("[name='id']").count();
  const before = await count();
  check(before > 20, `${before} proposals wait`);
  const proposed = (await page.textContent("table.proposals td strong")).trim();
  const card = await page.getAttribute("tr.party a", "href");
  await page.focus("button[name='accept']");
  await page.keyboard.press("Enter");
  await page.waitForURL(/done=1/);
  check((await count()) === before - 1, "the accepted one is gone");
  await page.goto(`${base}${card}`);
  check((await page.textContent("main")).includes(proposed), "the card has what was proposed");
  await page.goto(`${base}/proposals`);
  // Nothing ticked: told, and nothing done.
  await page.click("button[name='do'][value='keep']:not([formaction])");
  await page.waitForURL(/none=1/);
  check((await page.locator("[role='status']").count()) === 1, "it is told that nothing was chosen");
  await page.focus("[data-all]");
  await page.keyboard.press("Space");
  await page.click("button[name='do'][value='keep']:not([formaction])");
  await page.waitForURL(/done=/);
  check((await page.locator(".empty").count()) === 1, "none waits any more");
  await page.goto(`${base}/proposals?state=kept`);
  check((await count()) === before - 1, "those that were kept can be decided again");
  await page.focus("[data-all]");
  await page.keyboard.press("Space");
  await page.click("button[name='do'][value='reopen']");
  await page.waitForURL(/done=/);
  await page.goto(`${base}/proposals`);
  await page.click("button[formaction='/proposals/all'][value='accept']");
  check((await page.locator("[name='sure']").count()) === 1, "it is asked whether all are meant");
  await page.click("main form button[type='submit']");
  await page.waitForURL(/done=/);
  check(page.problems.length === 0, page.problems.join("; "));
  await page.context().close();
});

await test("a duplicate is merged by keyboard, and taken apart again", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/duplicates`);
  const waiting = await page.locator("ol.pairs > li").count();
  await page.focus("ol.pairs a.ds-button");
  begin(page);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/merge\//);
  const other = page.url().split("/").pop();
  // Choosing shows at once what would be kept.
  const chosen = (await page.textContent("tbody input[value=gone] + bdi")).trim();
  await page.focus("tbody input[value=kept]");
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction((name) => document.querySelector("#preview").textContent.includes(name), chosen);
  await page.keyboard.press("Control+s");
  await page.waitForURL(/\/people\/[^/]+$/);
  check((await page.textContent("h1")).includes(chosen), "the chosen name");
  tell(page, "a duplicate merged, the other name chosen");
  const kept = page.url();
  await page.goto(`${base}/people/${other}`);
  check(page.url() === kept, "the old address leads to the record that was kept");
  await page.goto(`${kept}/history`);
  await page.click("form[action$='/unmerge'] button");
  await page.waitForURL(/history$/);
  check((await page.goto(`${base}/people/${other}`)).status() === 200 && page.url() !== kept, "it is back");
  await page.goto(`${base}/duplicates`);
  await page.click("form[action='/duplicates'] button");
  check((await page.locator("ol.pairs > li").count()) === waiting, "the pair waits again");
  check(page.problems.length === 0, page.problems.join("\n"));
  await page.context().close();
});

await test("keys are told by ?, move through a list, and can be switched off", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/people`);
  await page.keyboard.press("n");
  await page.waitForURL(/after=/);
  await page.keyboard.press("p");
  await page.waitForURL(/before=/);
  await page.keyboard.press("Control+k");
  check((await page.evaluate(() => document.activeElement.id)) === "q", "the search field");
  await page.goto(`${base}/people`);
  await page.keyboard.press("?");
  check(await page.isVisible("#keys"), "the keys are told");
  // It fades in; half-way its text has less contrast.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run("#keys", { runOnly: ["wcag2a", "wcag2aa", "wcag22aa"] }));
  check(found.violations.length === 0, found.violations.map((v) => v.id).join(", "));
  await page.uncheck("#keys input");
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  check((await page.evaluate(() => document.activeElement.id)) !== "q", "switched off");
  await page.keyboard.press("Control+k");
  check((await page.evaluate(() => document.activeElement.id)) === "q", "Ctrl+K still works");
  await page.context().close();
});

await test("a file is tried and imported by keyboard, and undone", async () => {
  const page = await open();
  await signIn(page, "aino");
  await send(page);
  for (const target of await page.$$("select[aria-invalid]")) {
    await target.focus();
    // The second choice leaves the column out.
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Control+s");
  await page.waitForSelector("dl.figures");
  check((await page.$("#import .ds-alert[data-color=info]")) !== null, "it was only tried");
  await page.focus("button[value=import]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#import .ds-alert[data-color=success]");
  await page.goto(`${base}/imports`);
  const undo = await page.getAttribute("tbody form", "action");
  await page.click("tbody form button");
  await page.waitForURL(`${base}/imports`);
  check((await page.$(`form[action='${undo}']`)) === null, "it is undone");
  check(page.problems.length === 0, page.problems.join("\n"));
  await page.context().close();
});

await test("column choices are saved by keyboard, offered for the next file, and renamed", async () => {
  const page = await open();
  await signIn(page, "aino");
  const file = await send(page);
  await page.focus("#name");
  await page.keyboard.type("Kassan tiedosto");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#saved");
  check((await page.textContent("main")).includes("Kassan tiedosto"), "they are in use");
  const next = await send(page);
  check(next !== file, "another file");
  await page.click("form[action$='/mapping'] button:has-text('Kassan tiedosto')");
  await page.waitForLoadState();
  check((await page.textContent("#import")).includes("Kassan tiedosto"), "read by them");
  await page.goto(`${base}/imports/mappings`);
  await page.click("tbody a:has-text('Kassan')");
  await page.fill("#name", "Kassan uusi tiedosto");
  await page.keyboard.press("Control+s");
  await page.waitForURL(`${base}/imports/mappings`);
  check((await page.textContent("tbody")).includes("Kassan uusi tiedosto"), "renamed");
  await page.click("tbody a:has-text('Kassan uusi')");
  await page.click("form[action$='/remove'] button");
  await page.waitForURL(`${base}/imports/mappings`);
  check(!(await page.textContent("main")).includes("Kassan"), "removed");
  check(page.problems.length === 0, page.problems.join("\n"));
  for (const path of [file, next]) {
    await page.goto(base + path);
    await page.click("form[action$='/remove'] button");
  }
  await page.context().close();
});

await test("a feed is added, its folder read while the server serves, and removed", async () => {
  const page = await open();
  await signIn(page, "aino");
  const place = join(feeds, "kokeilu");
  mkdirSync(place);
  writeFileSync(join(place, "a.csv"), "Asiakasnumero;Etunimi;Sukunimi;Sähköposti\n990001;Syöte;Kokeilija;ei-osoite\n990002;Toinen;Kokeilija;\n");
  await addFeed(page, "Kokeilu", place);
  for (let tries = 0; tries < 120 && (await page.$("table")) === null; tries += 1) {
    await page.waitForTimeout(250);
    await page.reload();
  }
  const told = await page.textContent("tbody");
  check(told.includes("a.csv") && (await page.$("tbody .ds-tag[data-color=warning]")) !== null && !told.includes("ei-osoite"), told);
  check(existsSync(join(place, "done", "a.csv")), "it is moved");
  const errors = await page.request.get(base + (await page.getAttribute("a[href$='/errors']", "href")));
  check((await errors.text()).includes("ei-osoite"), "the refused row can be had");
  if (pictures) {
    for (const [width, colorScheme] of [[1440, "light"], [1440, "dark"], [390, "light"], [390, "dark"]]) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(pictures, `feed-with-history-${colorScheme}-${width}.png`), fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.click("form[action$='/pause'] button");
  await page.waitForSelector("form[action$='/resume']");
  await page.click("form[action$='/remove'] button");
  await page.waitForURL(`${base}/feeds`);
  check(!(await page.textContent("main")).includes("Kokeilu"), "it is gone");
  check(page.problems.length === 0, page.problems.join("\n"));
  await page.context().close();
});

await test("the company register fills a form, and is taken over part by part", async () => {
  const page = await open();
  await signIn(page, "aino");
  await page.goto(`${base}/organisations/new`);
  await page.fill("#asked", "2617416-4");
  await page.keyboard.press("Enter");
  await page.waitForURL(/new\/register$/);
  check((await page.inputValue("#name")).startsWith("Kaakkois-Suomen"), "the name is filled in");
  await page.goto(`${base}/organisations`);
  const card = await page.evaluate(() => {
    const row = [...document.querySelectorAll("tbody tr")].find((row) => /\d{7}-\d/.test(row.textContent));
    return row.querySelector("a").getAttribute("href");
  });
  await page.goto(base + card);
  await page.click("form[action$='/register'] button");
  await page.waitForSelector("input[name=part]");
  for (const [width, colorScheme] of [[1440, "light"], [1440, "dark"], [390, "light"], [390, "dark"]]) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    check(wide <= 0, `scrolls sideways by ${wide} px`);
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }));
    check(found.violations.length === 0, found.violations.map((v) => v.id).join(", "));
    if (pictures) {
      await page.screenshot({ path: join(pictures, `company-register-${colorScheme}-${width}.png`) });
    }
  }
  await page.uncheck("input[value=name]");
  await page.keyboard.press("Control+s");
  await page.waitForURL(base + card);
  const shown = await page.textContent("main");
  check(shown.includes("Pitkäkosken rinnetie 38 B 4") && !(await page.textContent("h1")).includes("Kaakkois"), "only what was ticked");
  check(page.problems.length === 0, page.problems.join("\n"));
  await page.context().close();
});

await test("everything works without JavaScript", async () => {
  const page = await open({ javaScriptEnabled: false });
  await signIn(page, "aino");
  await page.fill("#q", "virtanen");
  await page.press("#q", "Enter");
  await page.waitForURL(/q=virtanen/);
  await page.click("tbody a");
  await page.click("a[href$='/edit']");
  await page.fill("#title", "Toimitusjohtaja");
  await page.fill("#organisation", "Kokeilu Oy");
  await page.click("form.page button[type=submit]");
  check((await page.textContent("main")).includes("Kokeilu Oy"), "the organisation is shown");
  await page.context().close();
});

await test("the auditor sees the log and no customers", async () => {
  const page = await open();
  await signIn(page, "tarmo");
  check((await page.$$("a[href='/people']")).length === 0, "no link to customers");
  check((await page.goto(`${base}/people`)).status() === 404, "no list of customers");
  check((await page.goto(`${base}/log`)).status() === 200, "the log");
  await page.context().close();
});

await browser.close();
companies.close();
server.kill("SIGTERM");
await new Promise((resolve) => server.on("exit", resolve));
rmSync(folder, { recursive: true, force: true });
console.log(`${results.passed} passed, ${results.failed} failed`);
process.exit(results.failed === 0 ? 0 : 1);
