// What the tests share: a demo register that is served, a browser, and the few words that the journeys are written in.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : null);
// Where a picture of each page is to be put, and the word that pages and journeys must have to be tested, if any.
export const pictures = option("--pictures");
export const only = option("--only");
// Where the guide's pictures are to be put.
export const guide = option("--guide");

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
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
// The folder that feeds may read from.
export const feeds = join(folder, "feeds");
mkdirSync(join(feeds, "verkkokauppa"), { recursive: true });
const server = spawn(binary, [
  "--data", join(folder, "demo"), "--lang", "en", "demo", "--listen", "127.0.0.1:0", "--feed-folder", feeds,
  "--trusted-host", "127.0.0.1", "--portal-peer", "localhost", "--company-register", `http://127.0.0.1:${companies.address().port}/v3`,
]);
const said = await new Promise((resolve, reject) => {
  let text = "";
  server.stdout.on("data", (data) => {
    text += data;
    // The portal's address is told last.
    if (/portal of the customers is at \S+\n/.test(text)) {
      resolve(text);
    }
  });
  server.stderr.on("data", (data) => (text += data));
  server.on("exit", () => reject(new Error(`the demo ended: ${text}`)));
});
// The process of the register.
export const { pid } = server;
// The address of the register, and the passwords by login.
export const base = said.match(/http:\/\/127\.0\.0\.1:\d+/)[0];
// The address of the portal, the e-mail address of somebody who can sign in there, and the folder where messages come.
export const portal = said.match(/portal of the customers is at (\S+)/)[1];
export const visitor = said.match(/sign in as (\S+);/)[1];
export const outbox = join(folder, "demo", "outbox");
export const accounts = new Map([...said.matchAll(/^\s+(\w+)\s+(\w{4}-\w{4}-\w{4}-\w{4})/gm)].map((m) => [m[1], m[2]]));

const results = { passed: 0, failed: 0 };

export const test = async (name, work) => {
  try {
    await work();
    results.passed += 1;
  } catch (error) {
    results.failed += 1;
    console.log(`FAILED ${name}\n  ${String(error.message ?? error).split("\n").join("\n  ")}`);
  }
};

export const check = (right, what) => {
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

export const open = async (options = {}) => {
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
  page.on("requestfinished", (request) => count(page, request));
  return page;
};

const count = (page, request) => {
  const { requestStart, responseStart } = request.timing();
  if (!request.url().includes("/assets/") && responseStart > 0) {
    page.cost.millis += responseStart - requestStart;
    page.cost.answers += 1;
  }
};

// An answer that the browser does not show as a page, a PDF file, is not told as finished: it is counted by this.
export const countAnswer = (page, response) => count(page, response.request());

export const signIn = async (page, login) => {
  await page.goto(`${base}/sign-in`);
  await page.fill("#login", login);
  await page.fill("#password", accounts.get(login));
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
};

export const speak = async (page, language) => {
  await page.goto(`${base}/account`);
  await page.selectOption("#language", language);
  await page.click("form[action='/account/language'] button");
  await page.waitForLoadState();
};

// From here on a job is counted; signing in and opening its first page are not.
export const begin = (page) => { page.cost = { keys: 0, millis: 0, answers: 0 }; };
export const tell = (page, job) => {
  const { keys, millis, answers } = page.cost;
  console.log(`job: ${job}: ${keys} keystrokes, ${answers} answers, ${millis.toFixed(0)} ms of the server`);
};

// Presses Tab until what the selector names has the focus.
export const tabTo = async (page, selector, most = 60) => {
  for (let tries = 0; tries < most; tries += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
      return;
    }
  }
  throw new Error(`${selector} is not reached by ${most} Tab`);
};

// Fails when the page can be scrolled sideways.
export const narrow = async (page) => {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(wide <= 0, `scrolls sideways by ${wide} px`);
};

// Fails when the page, or what the selector names, violates WCAG 2.2 AA.
export const accessible = async (page, within) => {
  // Run in the page's own world by the debugger, so that the strict policy stays as it is.
  await page.evaluate(axe);
  const found = await page.evaluate((within) =>
    window.axe.run(within ?? document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }), within);
  const told = found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(", ")}`);
  check(told.length === 0, told.join("\n"));
};

// A picture of the whole page as it is, when pictures are asked for.
export const picture = async (page, name) => {
  if (pictures) {
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }
};

// Looks at a page that a journey has come to as at the pages of the list: light and dark, at two widths.
export const look = async (page, name) => {
  for (const [width, colorScheme] of [[1440, "light"], [1440, "dark"], [390, "light"], [390, "dark"]]) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await narrow(page);
    await accessible(page);
    await picture(page, `${name}-${colorScheme}-${width}`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
};

// The address of the first row of a list.
export const first = async (page, list) => {
  await page.goto(base + list);
  return page.getAttribute("tbody a", "href");
};

// A file that has every kind of mess.
export const example = fileURLToPath(new URL("../../examples/arjasmaa/asiakkaat.csv", import.meta.url));

// Sends the example; the path of its page.
export const send = async (page) => {
  await page.goto(`${base}/imports/new`);
  await page.selectOption("#company", "arjasmaa");
  await page.setInputFiles("#file", example);
  await page.click("form.page button[type=submit]");
  await page.waitForURL(/\/imports\/files\//);
  return new URL(page.url()).pathname;
};

// Adds a feed of people from a folder.
export const addFeed = async (page, name, address) => {
  await page.goto(`${base}/feeds/new`);
  await page.fill("#name", name);
  await page.fill("#address", address);
  await page.selectOption("#source", "registration");
  await page.selectOption("#company", "arjasmaa");
  await page.click("form.page button[type=submit]");
  await page.waitForURL(/\/feeds\/[0-9a-f-]{36}$/);
};

// Stops everything, says the closing line and ends.
export const close = async () => {
  await browser.close();
  companies.close();
  server.kill("SIGTERM");
  await new Promise((resolve) => server.on("exit", resolve));
  rmSync(folder, { recursive: true, force: true });
  console.log(`${results.passed} passed, ${results.failed} failed, 0 skipped`);
  process.exit(results.failed === 0 ? 0 : 1);
};
