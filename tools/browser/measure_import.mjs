// Imports a large file of made-up people through the page of a demo register, while a second page is asked all the time, and
// tells what that took. Not a test: it takes minutes, and asserts nothing.
//
//   SELOSTE_BINARY=target/release/seloste SELOSTE_CHROMIUM=/usr/bin/chromium node tools/browser/measure_import.mjs [PEOPLE]
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base, check, close, open, pid, signIn, test } from "./lib.mjs";

const people = Number(process.argv[2] ?? 1_000_000);
const GIVEN = ["Aino", "Eero", "Helmi", "Kalle", "Liisa", "Matti", "Oona", "Pekka", "Saara", "Väinö", "Åsa", "Örjan"];
const BEGIN = ["Aho", "Haka", "Järvi", "Kallio", "Koski", "Laine", "Mäki", "Niemi", "Ranta", "Salo", "Virta", "Öster"];
const END = ["la", "nen", "lampi", "harju", "joki", "lahti", "maa", "saari", "selkä", "vaara"];
const TOWNS = [["00100", "Helsinki"], ["20100", "Turku"], ["33100", "Tampere"], ["90100", "Oulu"], ["65100", "Vaasa"]];

const row = (n) => {
  const [code, town] = TOWNS[n % TOWNS.length];
  const family = BEGIN[n % BEGIN.length] + END[Math.floor(n / 7) % END.length];
  const telephone = `+35840${String(1_000_000 + n).padStart(7, "0")}`;
  return `${5_000_000 + n};${family};${GIVEN[Math.floor(n / 3) % GIVEN.length]};a${n}@example.com;${telephone};Esimerkkikatu ${n % 200 + 1};${code};${town}\n`;
};

const write = (path) => {
  const file = openSync(path, "w");
  writeSync(file, "Asiakasnumero;Sukunimi;Etunimi;Sähköposti;Puhelin;Katuosoite;Postinumero;Postitoimipaikka\n");
  for (let from = 0; from < people; from += 10_000) {
    let part = "";
    for (let n = from; n < Math.min(from + 10_000, people); n += 1) {
      part += row(n);
    }
    writeSync(file, part);
  }
  closeSync(file);
};

const memory = (field) => Number(readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`${field}:\\s+(\\d+)`))[1]) / 1024;
const share = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

const folder = mkdtempSync(join(tmpdir(), "seloste-measure-"));
await test("a large file is imported through the page", async () => {
  const file = join(folder, "asiakkaat.csv");
  write(file);
  const page = await open();
  await signIn(page, "aino");
  const before = memory("VmRSS");
  await page.goto(`${base}/imports/new`);
  await page.selectOption("#company", "arjasmaa");
  await page.setInputFiles("#file", file);
  const sent = performance.now();
  await page.click("form.page button[type=submit]");
  await page.waitForURL(/\/imports\/files\//, { timeout: 600_000 });
  console.log(`sent in ${((performance.now() - sent) / 1000).toFixed(1)} s`);
  const other = await open();
  await signIn(other, "aino");
  const answers = [];
  let ended = false;
  const asking = (async () => {
    for (let n = 0; !ended; n += 1) {
      const from = performance.now();
      await other.goto(base + ["/", "/people", "/people?q=koskinen", "/orders"][n % 4]);
      answers.push(performance.now() - from);
    }
  })();
  const began = performance.now();
  await page.click("button[value=import]");
  await page.waitForSelector("#import .ds-alert[data-color=success]", { timeout: 3_600_000 });
  const seconds = (performance.now() - began) / 1000;
  ended = true;
  await asking;
  answers.sort((a, b) => a - b);
  console.log(`${people} rows in ${seconds.toFixed(0)} s: ${(people / seconds).toFixed(0)} a second`);
  console.log(`memory ${before.toFixed(0)} MiB before, ${memory("VmHWM").toFixed(0)} MiB at most, ${memory("VmRSS").toFixed(0)} MiB after`);
  console.log(`another page meanwhile, ${answers.length} loads: median ${share(answers, 0.5).toFixed(0)} ms, 99 % ${share(answers, 0.99).toFixed(0)} ms, worst ${answers.at(-1).toFixed(0)} ms`);
  for (const path of ["/", "/people", "/people?q=koskinen", "/people?town=Oulu&sort=changed", "/orders", "/duplicates"]) {
    const from = performance.now();
    const response = await other.goto(base + path);
    console.log(`${path} at the end: status ${response.status()}, ${(performance.now() - from).toFixed(0)} ms`);
  }
  check(page.problems.length === 0, page.problems.join("\n"));
});
rmSync(folder, { recursive: true, force: true });
await close();
