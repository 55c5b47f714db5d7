/** The message moved into a picture: the mail's own text says something harmless, and a filter of text sees nothing else. */

import type { Seeded } from "../../../base/math/index.ts";
import { escapeHtml } from "./mail.ts";
import type { SentMail } from "./mail.ts";
import { mimeMail } from "./mime.ts";

/** How the text is drawn. */
export interface DrawingStyle {
  /** In points at 96 dots an inch. */
  readonly points: number;
  readonly font: "sans" | "serif" | "mono" | "bold";
  /** Width of the lines, pixels. */
  readonly width: number;
  /** Red, green, blue of the letters and of the ground. */
  readonly colour: readonly [number, number, number];
  readonly ground: readonly [number, number, number];
  /** Degrees, clockwise. */
  readonly turn: number;
  /** Standard deviation of the noise on each pixel, of 255. */
  readonly noise: number;
  /** Into how many strips the picture is cut, without regard for lines. */
  readonly strips: number;
}

/** A way of drawing that has made readers of text fail, alone or together with others. */
export interface ImageSetting {
  readonly id: string;
  readonly title: string;
  style(rng: Seeded): DrawingStyle;
}

const plain: DrawingStyle = {
  points: 16,
  font: "sans",
  width: 560,
  colour: [0, 0, 0],
  ground: [255, 255, 255],
  turn: 0,
  noise: 0,
  strips: 1,
};
const between = (rng: Seeded, low: number, high: number): number => low + (high - low) * rng.unit();
const one = <Value>(rng: Seeded, values: readonly Value[]): Value => values[rng.below(values.length)]!;

const inks = [
  [180, 0, 0],
  [0, 0, 160],
  [0, 90, 0],
  [80, 0, 80],
] as const;
const papers = [
  [255, 240, 150],
  [250, 220, 190],
  [205, 230, 255],
  [255, 255, 255],
] as const;
const grey = (value: number): readonly [number, number, number] => [value, value, value];

/** What image spam does to keep machines from reading it. Biggio et al. 2011, "A survey and experimental evaluation of image spam filtering". */
export const imageSettings: readonly ImageSetting[] = [
  { id: "plain", title: "black on white", style: () => plain },
  {
    id: "fonts",
    title: "fonts, sizes and colours",
    style: (rng) => ({
      ...plain,
      font: one(rng, ["sans", "serif", "mono", "bold"]),
      points: between(rng, 13, 20),
      colour: one(rng, inks),
      ground: one(rng, papers),
    }),
  },
  { id: "noise", title: "noise on each pixel", style: (rng) => ({ ...plain, noise: between(rng, 20, 40) }) },
  {
    id: "turned",
    title: "turned by some degrees",
    style: (rng) => ({ ...plain, turn: one(rng, [-1, 1]) * between(rng, 1.5, 4) }),
  },
  {
    id: "low-contrast",
    title: "grey on grey",
    style: (rng) => ({ ...plain, colour: grey(between(rng, 110, 140)), ground: grey(between(rng, 180, 205)) }),
  },
  { id: "split", title: "cut into strips that the HTML puts together", style: (rng) => ({ ...plain, strips: 2 + rng.below(4) }) },
];

/** Draws text as PNG files, one for each strip. In Node: `paintText`. */
export type TextPainter = (text: string, style: DrawingStyle, rng: Seeded) => Promise<readonly Uint8Array[]>;

const covers: readonly (readonly [subject: string, text: string])[] = [
  ["Photos", "Hi, here are the pictures that I promised you. See you on Friday."],
  ["Re: screenshot", "I attached a screenshot of what it looks like here, tell me what you think."],
  ["Re: meeting", "The map is attached, we meet at the same place as last week."],
  ["scan", "Here is the page that you asked me to scan. I will bring the book on Monday."],
  ["Re: the list", "I wrote the list down and took a picture of it, see below."],
  ["Re: layout", "This is how the page looks in my browser, the left column is still wrong."],
];

export interface ImageTextOptions {
  readonly setting: ImageSetting;
  readonly paint: TextPainter;
  readonly rng: Seeded;
  /** Words of the message that go into the picture; 100. */
  readonly maxWords?: number;
}

/** What was sent, and what a person reads in its picture. */
export interface ImageMail {
  /** The whole mail as it goes over the wire. */
  readonly raw: Uint8Array;
  readonly message: string;
  readonly cover: SentMail;
  /** PNG files, from top to bottom. */
  readonly images: readonly Uint8Array[];
}

/**
 * A mail whose message stands in attached pictures that its HTML shows.
 * @example
 * const { raw } = await imageText(mail, { setting: imageSettings[0], paint: paintText, rng: createSeeded(1) });
 */
export async function imageText(mail: SentMail, { setting, paint, rng, maxWords = 100 }: ImageTextOptions): Promise<ImageMail> {
  const words = `${mail.subject} ${mail.text}`.split(/\s+/).filter((word) => word !== "" && word.length <= 40);
  const message = words.slice(0, maxWords).join(" ");
  const images = await paint(message, setting.style(rng), rng);
  const [subject, text] = one(rng, covers);
  const ids = images.map((_, i) => `part${i}.${rng.uint32().toString(16)}`);
  const shown = ids.map((id) => `<img src="cid:${id}" style="display:block">`).join("");
  const html = `<html><body><p>${escapeHtml(text)}</p>${shown}</body></html>`;
  const pictures = images.map((bytes, i) => ({ id: ids[i]!, name: `image${i + 1}.png`, type: "image/png", bytes }));
  const cover = { subject, text, html };
  return { raw: mimeMail({ ...cover, pictures, boundary: `b${rng.uint32().toString(16)}` }), message, cover, images };
}
