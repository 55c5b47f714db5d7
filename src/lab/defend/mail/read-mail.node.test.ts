import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isModelkeepError } from "../../../base/error/index.ts";
import { createSeeded } from "../../../base/math/index.ts";
import { decodePicture } from "../../../model/data/index.node.ts";
import { imageSettings, imageText, mimeMail, paintText } from "../../attack/index.node.ts";
import type { Ocr } from "./ocr/ocr.ts";
import { openOcr } from "./ocr/open-ocr.node.ts";
import { readMail } from "./read-mail.ts";
import type { MailEyes } from "./read-mail.ts";

const message = "Cheap watches now, order today for only $29.95";
const mail = { subject: "", text: message, html: undefined };
const bytes = (text: string) => new TextEncoder().encode(text);

/** A PNG that says it is `side` × `side`, with nothing behind it. */
function bomb(side: number): Uint8Array {
  const crc = (data: Buffer): number => {
    let sum = -1;
    for (const byte of data) {
      sum ^= byte;
      for (let k = 0; k < 8; k++) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
    }
    return ~sum >>> 0;
  };
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const parts = [chunk("IHDR", head), chunk("IDAT", deflateSync(Buffer.alloc(1000))), chunk("IEND", Buffer.alloc(0))];
  return new Uint8Array(Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), ...parts]));
}

const withPicture = (picture: Uint8Array, count = 1): Uint8Array =>
  mimeMail({
    subject: "Photos",
    text: "See the picture.",
    html: undefined,
    boundary: "b",
    pictures: Array.from({ length: count }, (_, i) => ({ id: `${i}`, name: `${i}.png`, type: "image/png", bytes: picture })),
  });

describe("reading a mail", () => {
  let ocr: Ocr;
  let eyes: MailEyes;
  beforeAll(async () => {
    ocr = await openOcr();
    eyes = { ocr, decode: decodePicture };
  });
  afterAll(() => ocr.close());

  it.for(["low-contrast", "turned", "split"])("finds the message that was moved into a picture, %s", async (id) => {
    const setting = imageSettings.find((one) => one.id === id)!;
    const { raw, cover } = await imageText(mail, { setting, paint: paintText, rng: createSeeded(4) });
    const seen = await readMail(raw, eyes);
    expect(seen.subject).toBe(cover.subject);
    expect(seen.body.startsWith(cover.text)).toBe(true);
    expect(seen.pictures.length).toBe(1);
    const words = seen.pictures[0]!.text.toLowerCase().split(/\s+/);
    const found = message
      .toLowerCase()
      .split(" ")
      .filter((word) => words.includes(word));
    expect(found.length).toBeGreaterThanOrEqual(7); // of eight
    // Without eyes, the filter is shown the cover alone.
    expect((await readMail(raw)).body).toBe(cover.text);
  });

  it("refuses a picture of more pixels than are read, without decoding it", async () => {
    await expect(readMail(withPicture(bomb(30_000)), eyes)).rejects.toMatchObject({ code: "data/too-large" });
    await expect(readMail(withPicture(bomb(100), 30), eyes)).rejects.toMatchObject({ code: "defend/mail-too-large" });
    await expect(readMail(new Uint8Array(2 ** 24 + 1), eyes)).rejects.toMatchObject({ code: "defend/mail-too-large" });
  });

  it("names pictures that nobody can see, and reads the rest of the mail", async () => {
    const { body, pictures, unread } = await readMail(withPicture(bytes("no picture")), eyes);
    expect({ body, pictures }).toEqual({ body: "See the picture.", pictures: [] });
    expect(unread).toMatchObject([{ name: "0.png" }]);
  });

  it.for([
    ["parts within parts", (n: number) => nested(n)],
    ["a boundary that is everywhere", (n: number) => `Content-Type: multipart/mixed; boundary=b\n\n${"--b\n\n".repeat(n * 20)}`],
    ["a header without end", (n: number) => `Subject: ${"x".repeat(n * 1000)}\n\nhello`],
    ["many headers", (n: number) => `${"X-A: b\n".repeat(n * 200)}\nhello`],
    ["encoded words in words", (n: number) => `Subject: ${"=?utf-8?B?".repeat(n * 20)}${"?=".repeat(n * 20)}\n\nhello`],
    ["tags that never end", (n: number) => `Content-Type: text/html\n\n${"<span style='display:none'>".repeat(n * 20)}`],
    ["a part of base64 that is none", (n: number) => `Content-Transfer-Encoding: base64\n\n${"=A*".repeat(n * 100)}`],
  ] as const)("answers %s with a mail or a typed refusal", async ([, build]) => {
    const found = await readMail(bytes(build(300))).catch((error: unknown) => error);
    if (found instanceof Error) expect(isModelkeepError(found), String(found)).toBe(true);
    else expect(found).toHaveProperty("body");
  });

  it("answers damage of any kind with a mail or a typed refusal", async () => {
    const { raw } = await imageText(mail, { setting: imageSettings[0]!, paint: paintText, rng: createSeeded(1) });
    for (let seed = 0; seed < 60; seed++) {
      const dice = createSeeded(seed);
      const damaged = raw.slice(0, dice.below(4) === 0 ? dice.below(raw.length) : raw.length);
      for (let i = 0; i < 8; i++)
        damaged[dice.below(dice.below(3) === 0 ? damaged.length : Math.min(900, damaged.length))] = dice.below(256);
      const blind: MailEyes = {
        ocr: { read: async () => ({ text: "", pieces: [] }), close: async () => undefined },
        decode: decodePicture,
      };
      const found = await readMail(damaged, blind).catch((error: unknown) => error);
      if (found instanceof Error) expect(isModelkeepError(found), String(found)).toBe(true);
    }
  });
});

function nested(depth: number): string {
  let text = "";
  for (let i = 0; i < depth; i++) text += `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`;
  return `${text}\nhello`;
}
