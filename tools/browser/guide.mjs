// The pictures of the user guide: taken anew by each run in each language, so that a picture whose page or part is gone
// fails, and compared coarsely with those in the repository. `--guide DIR` puts them there instead.
//
// A file guide/TOPIC.mjs has the pictures of a topic by name: each leads the page to what is to be seen, and returns
// either nothing (the content of the page is pictured) or what part of it.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { check, guide, only, open, signIn, speak, test } from "./lib.mjs";

const kept = fileURLToPath(new URL("../../crates/web/guide", import.meta.url));
const VIEW = { width: 900, height: 600 };
// Larger ones would make the program larger.
const MOST_BYTES = 60_000;
// How far a picture may be from the one that is kept: by height, and by the mean difference of its greys in a raster.
const MOST_TALLER = 0.25;
const MOST_DIFFERENT = 14;

const topics = async () => {
  const all = [];
  for (const file of readdirSync(new URL("guide/", import.meta.url)).sort()) {
    const { default: pictures } = await import(`./guide/${file}`);
    all.push(...Object.entries(pictures));
  }
  return all;
};

// What is seen of a part of the page, or of its content, from its beginning to the lower edge of the screen.
const shoot = async (page, part) => {
  check((await page.locator(".problem").count()) === 0, "the page tells of a problem");
  const seen = part ?? page.locator("main");
  await seen.evaluate((element) => element.scrollIntoView({ block: element.closest("dialog") ? "nearest" : "start", behavior: "instant" }));
  await page.evaluate(() => document.fonts.ready);
  // What slides or fades in has its place and size only afterwards.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
  // Nothing is pointed at.
  await page.mouse.move(0, 0);
  const box = await seen.boundingBox();
  check(box !== null, "there is nothing to picture");
  const clip = { x: box.x, y: box.y, width: box.width, height: Math.min(box.height, VIEW.height - box.y) };
  return page.screenshot({ clip, animations: "disabled", caret: "hide" });
};

// Lossless WebP, made by the browser itself in a page of its own that no policy holds back.
const packed = async (darkroom, png) => {
  const base64 = await darkroom.evaluate(async (png) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d", { alpha: false });
    context.drawImage(bitmap, 0, 0);
    // The most frequent colours stand for the others, the shades at the edges of letters: half the bytes, and no eye sees it.
    const image = context.getImageData(0, 0, canvas.width, canvas.height);
    const points = new Uint32Array(image.data.buffer);
    const frequency = new Map();
    points.forEach((colour) => frequency.set(colour, (frequency.get(colour) ?? 0) + 1));
    const palette = [...frequency].sort((a, b) => b[1] - a[1]).slice(0, 128).map(([colour]) => colour);
    const apart = (a, b) => [0, 8, 16].reduce((sum, bit) => sum + (((a >> bit) & 255) - ((b >> bit) & 255)) ** 2, 0);
    const nearest = new Map();
    points.forEach((colour, place) => {
      if (!nearest.has(colour)) {
        nearest.set(colour, palette.reduce((best, other) => (apart(colour, other) < apart(colour, best) ? other : best)));
      }
      points[place] = nearest.get(colour);
    });
    context.putImageData(image, 0, 0);
    const blob = await canvas.convertToBlob({ type: "image/webp", quality: 1 });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
  }, png.toString("base64"));
  return Buffer.from(base64, "base64");
};

// Sizes of two pictures, and the mean difference of their greys (0 to 255) in a raster of 24 by 16.
const compared = async (darkroom, one, other) =>
  darkroom.evaluate(async (pictures) => {
    const read = async (picture) => {
      const bitmap = await createImageBitmap(await (await fetch(`data:image/webp;base64,${picture}`)).blob());
      const context = new OffscreenCanvas(24, 16).getContext("2d");
      context.imageSmoothingQuality = "high";
      context.drawImage(bitmap, 0, 0, 24, 16);
      return { width: bitmap.width, height: bitmap.height, points: context.getImageData(0, 0, 24, 16).data };
    };
    const [a, b] = await Promise.all(pictures.map(read));
    const different = a.points.reduce((sum, point, place) => sum + Math.abs(point - b.points[place]), 0) / (24 * 16 * 3);
    return { widths: [a.width, b.width], heights: [a.height, b.height], different };
  }, [one.toString("base64"), other.toString("base64")]);

const take = async (darkroom, page, language, name, lead) => {
  const path = join(guide ?? kept, language, `${name}.webp`);
  const png = await shoot(page, await lead(page));
  const picture = await packed(darkroom, png);
  check(picture.length <= MOST_BYTES, `${picture.length} bytes`);
  if (guide) {
    mkdirSync(join(guide, language), { recursive: true });
    writeFileSync(path, picture);
    return;
  }
  check(existsSync(path), `${path} is missing: renew the pictures by --guide crates/web/guide`);
  const { widths, heights, different } = await compared(darkroom, readFileSync(path), picture);
  const taller = Math.abs(heights[0] - heights[1]) / heights[0];
  check(
    widths[0] === widths[1] && taller <= MOST_TALLER && different <= MOST_DIFFERENT,
    `${path} no longer shows the page (${widths.join(" and ")} px wide, ${heights.join(" and ")} px tall, ${different.toFixed(1)} apart):
look at it, and renew the pictures by --guide crates/web/guide`,
  );
};

export const takePictures = async () => {
  const all = await topics();
  const darkroom = await open();
  for (const language of ["fi", "sv", "en"]) {
    const page = await open({ viewport: VIEW });
    await signIn(page, "aino");
    await speak(page, language);
    for (const [name, lead] of all) {
      if (only === null || name.includes(only) || only === "guide") {
        await test(`the picture ${name} of the guide in ${language}`, () => take(darkroom, page, language, name, lead));
      }
    }
    await page.context().close();
    await test(`every picture of the guide in ${language} is taken here`, async () => {
      const files = readdirSync(join(guide ?? kept, language)).filter((file) => file.endsWith(".webp"));
      const unknown = files.filter((file) => !all.some(([name]) => file === `${name}.webp`));
      check(unknown.length === 0, `nobody takes ${unknown.join(", ")}`);
    });
  }
  await darkroom.context().close();
};
