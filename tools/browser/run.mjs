// Drives the demo register in a real browser: every page in three languages, light and dark, at two widths, without an
// accessibility violation (WCAG 2.2 AA), a horizontal scroll, a console error; and the commonest journeys by keyboard.
//
//   SELOSTE_BINARY=target/debug/seloste SELOSTE_CHROMIUM=/usr/bin/chromium node tools/browser/run.mjs
//     [--pictures DIR]   a picture of every page
//     [--only WORD]      only pages whose address, journeys whose file name, and pictures of the guide whose name has the word;
//                        journeys/person: nothing but these journeys
//     [--guide DIR]      only takes the pictures of the user guide, into crates/web/guide
//
// A page is added by a line in pages/NOUN.mjs, a journey in journeys/NOUN.mjs, a picture of the guide in
// guide/TOPIC.mjs; a new file there is found by itself.
import { readdirSync } from "node:fs";
import { takePictures } from "./guide.mjs";
import { close, guide, only, open, signIn, speak, test } from "./lib.mjs";
import { visitAll } from "./pages.mjs";

const journeys = async () => {
  // The pictures and the pages leave the account in the language that they ended with.
  const page = await open();
  await signIn(page, "aino");
  await speak(page, "fi");
  await page.context().close();
  for (const file of readdirSync(new URL("journeys/", import.meta.url)).sort()) {
    if (only === null || `journeys/${file}`.includes(only)) {
      await import(`./journeys/${file}`);
    }
  }
};

// Whatever happens, the register that was started is stopped.
await test("the pictures of the guide", takePictures);
if (guide === null) {
  if (!only?.startsWith("journeys/")) {
    await test("the pages", visitAll);
  }
  await test("the journeys", journeys);
}
await close();
