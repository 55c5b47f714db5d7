/** A raw mail as a person sees it, its pictures included: what a filter must judge, and nothing that only programs read. */

import { isModelkeepError, ModelkeepError } from "../../../base/error/index.ts";
import { parseMail } from "../../../model/data/index.ts";
import type { Ocr } from "./ocr/ocr.ts";
import type { Pixels } from "./ocr/pixels.ts";
import { picturesOf, stacked, stackStrips } from "./pictures.ts";
import type { MailPicture } from "./pictures.ts";
import { visibleMail, visibleText } from "./visible.ts";

/** Turns a picture's file into pixels, no more of them than fit into a square of `maxSide`. Throws a ModelkeepError for what it does not read. */
export type DecodePicture = (name: string, bytes: Uint8Array, limits: { readonly maxPixels: number }) => Promise<Pixels>;

/** What reading a mail may cost. */
export interface MailLimits {
  /** The raw mail; 16 MiB. */
  readonly maxBytes: number;
  /** 24. */
  readonly maxPictures: number;
  /** Pixels of one picture before it is brought down; 2^26. */
  readonly maxPixels: number;
}

export const mailLimits: MailLimits = { maxBytes: 2 ** 24, maxPictures: 24, maxPixels: 2 ** 26 };

export interface SeenPicture {
  /** As the mail calls it; strips that make one picture are named together. */
  readonly name: string;
  readonly text: string;
}

export interface SeenMail {
  readonly subject: string;
  /** The visible text, then that of each picture. */
  readonly body: string;
  /** Hosts that its links and remote pictures lead to. */
  readonly links: readonly string[];
  /** What its page is made of, as `marksOf` tells it; none without HTML. */
  readonly marks: readonly string[];
  readonly pictures: readonly SeenPicture[];
  /** Pictures that could not be decoded, which no mail program shows either, and why. */
  readonly unread: readonly { readonly name: string; readonly reason: string }[];
}

/** What reads the pictures; without it a mail's pictures are `unread`. */
export interface MailEyes {
  readonly ocr: Ocr;
  readonly decode: DecodePicture;
}

/** Smaller ones hold no letter that a person could read: bullets, spacers, trackers. */
const minSide = 10;

/**
 * Reads a raw mail (RFC 5322, MIME): HTML without what it hides, letters as they look, the text in its pictures. A mail over a limit is
 * refused as a whole, since a filter that looked at a part of it could be told what to overlook.
 * @throws data/too-large, data/malformed · defend/mail-too-large · what running the models throws
 * @example
 * const seen = await readMail(raw, { ocr, decode });
 * const vector = mailVector(seen);
 */
export async function readMail(raw: Uint8Array, eyes?: MailEyes, limits: Partial<MailLimits> = {}): Promise<SeenMail> {
  const { maxBytes, maxPictures, maxPixels } = { ...mailLimits, ...limits };
  if (raw.length > maxBytes) throw tooLarge(`the mail has ${raw.length} bytes, the limit is ${maxBytes}`);
  const { subject, body, html, parts } = await parseMail(raw);
  const seen = visibleMail({ subject, text: body, html });
  const files = picturesOf({ parts, html });
  if (files.length > maxPictures) throw tooLarge(`the mail has ${files.length} pictures, the limit is ${maxPictures}`);
  if (eyes === undefined) {
    const unread = files.map(({ name }) => ({ name, reason: "there is nothing here that reads pictures" }));
    return { ...seen, pictures: [], unread };
  }
  const { shown, unread } = await decoded(files, eyes.decode, maxPixels);
  const pictures: SeenPicture[] = [];
  for (const stack of stackStrips(shown)) {
    const pixels = stacked(stack.map((one) => one.pixels));
    if (Math.min(pixels.width, pixels.height) < minSide) continue;
    const { text } = await eyes.ocr.read(pixels);
    pictures.push({ name: stack.map(({ name }) => name).join(" + "), text: visibleText(text) });
  }
  const texts = pictures.map(({ text }) => text).filter((text) => text !== "");
  return { ...seen, body: [seen.body, ...texts].join("\n").trim(), pictures, unread };
}

async function decoded(files: readonly MailPicture[], decode: DecodePicture, maxPixels: number) {
  const shown: { name: string; pixels: Pixels }[] = [];
  const unread: { name: string; reason: string }[] = [];
  for (const { name, bytes } of files) {
    try {
      shown.push({ name, pixels: await decode(name, bytes, { maxPixels }) });
    } catch (error) {
      if (!isModelkeepError(error) || !["data/malformed", "data/unsupported"].includes(error.code)) throw error;
      unread.push({ name, reason: error.message });
    }
  }
  return { shown, unread };
}

const tooLarge = (message: string): ModelkeepError =>
  new ModelkeepError("defend/mail-too-large", {
    message,
    hint: "an operator can raise the limit where the mail is read",
    status: 413,
  });
