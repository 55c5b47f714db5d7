/** What we read in pictures of text beside what Debian's tesseract reads: the same message, however it was drawn. */

import { spawnSync } from "node:child_process";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSeeded } from "../../src/base/math/index.ts";
import { imageSettings, imageText, paintText } from "../../src/lab/attack/index.node.ts";
import { openOcr, readMail } from "../../src/lab/defend/index.node.ts";
import type { Ocr } from "../../src/lab/defend/index.node.ts";
import { decodePicture } from "../../src/model/data/index.node.ts";

const message =
  "You have been selected to receive a free vacation today. Buy these excellent watches now, special price only $29.95 while supplies last. " +
  "Lose twenty pounds in thirty days, guaranteed or your money back. Reply with REMOVE in the subject line to leave our list.";
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z0-9$.-]*[a-z0-9]/g) ?? [];
const wanted = wordsOf(message);

function shareOf(text: string): number {
  const found = wordsOf(text);
  return wanted.filter((word) => found.includes(word)).length / wanted.length;
}

/** Strips as a mail program shows them: one below the other. */
async function pageOf(images: readonly Uint8Array[]): Promise<Buffer> {
  const parts = await Promise.all(images.map((bytes) => sharp(bytes).raw().toBuffer({ resolveWithObject: true })));
  const { width, channels } = parts[0]!.info;
  const height = parts.reduce((sum, { info }) => sum + info.height, 0);
  return sharp(Buffer.concat(parts.map(({ data }) => data)), { raw: { width, height, channels } })
    .png()
    .toBuffer();
}

describe("a message in a picture", () => {
  let ocr: Ocr;
  beforeAll(async () => {
    ocr = await openOcr();
  });
  afterAll(() => ocr.close());

  it.for(imageSettings)("is read by tesseract and by us to nine words of ten: $id", async (setting) => {
    const mail = { subject: "", text: message, html: undefined };
    const { raw, images } = await imageText(mail, { setting, paint: paintText, rng: createSeeded(8) });
    const args = ["stdin", "stdout", "--psm", "6", "--dpi", "96"];
    const env = { ...process.env, OMP_THREAD_LIMIT: "1" };
    const foreign = spawnSync("tesseract", args, { input: await pageOf(images), encoding: "utf8", env });
    expect(foreign.error, "tesseract (Debian's tesseract-ocr) is needed").toBeUndefined();
    expect(shareOf(foreign.stdout)).toBeGreaterThanOrEqual(0.9);
    expect(shareOf((await readMail(raw, { ocr, decode: decodePicture })).body)).toBeGreaterThanOrEqual(0.9);
  });
});
