/** Draws text as pictures, with the fonts of npm `dejavu-fonts-ttf` and the letters laid out by Pango inside `sharp`. */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ModelkeepError } from "../../../base/error/index.ts";
import type { Seeded } from "../../../base/math/index.ts";
import type {} from "../errors.ts";
import type { DrawingStyle } from "./image-text.ts";
import { escapeHtml } from "./mail.ts";

const fonts = {
  sans: ["DejaVu Sans", "DejaVuSans.ttf"],
  serif: ["DejaVu Serif", "DejaVuSerif.ttf"],
  mono: ["DejaVu Sans Mono", "DejaVuSansMono.ttf"],
  bold: ["DejaVu Sans Bold", "DejaVuSans-Bold.ttf"],
} as const;
const margin = 16;

/**
 * PNG files of a text: one, or as many strips as the style says. The same bytes for the same randomness and version of `sharp`.
 * @throws attack/no-fonts when the package with the fonts is not installed
 */
export async function paintText(text: string, style: DrawingStyle, rng: Seeded): Promise<readonly Uint8Array[]> {
  const { default: sharp } = await import("sharp");
  const [family, file] = fonts[style.font];
  const drawn = sharp({
    text: {
      text: escapeHtml(text),
      font: `${family} ${style.points.toFixed(1)}`,
      fontfile: join(fontFolder(), file),
      width: style.width,
      dpi: 96,
      wrap: "word-char",
    },
  });
  // White letters on black: the share of the letter's colour in each pixel.
  const flat = await drawn
    .extend({ top: margin, bottom: margin, left: margin, right: margin, background: "#000000" })
    .png()
    .toBuffer();
  const turned = sharp(flat).rotate(style.turn, { background: "#000000" }).toColourspace("b-w");
  const { data: cover, info } = await turned.extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const pixels = coloured(cover, style, rng);
  const cuts = Array.from({ length: style.strips + 1 }, (_, i) => Math.round((i * height) / style.strips));
  const strips = cuts.slice(1).map((to, i) => ({ from: cuts[i]!, rows: to - cuts[i]! }));
  return Promise.all(
    strips.map(async ({ from, rows }) => {
      const own = pixels.subarray(3 * width * from, 3 * width * (from + rows));
      return new Uint8Array(
        await sharp(own, { raw: { width, height: rows, channels: 3 } })
          .png()
          .toBuffer(),
      );
    }),
  );
}

function coloured(cover: Uint8Array, { colour, ground, noise }: DrawingStyle, rng: Seeded): Uint8Array {
  const pixels = new Uint8Array(3 * cover.length);
  cover.forEach((share, i) => {
    // One draw for all three channels: as the grain of a scan, which is grey.
    const grain = noise === 0 ? 0 : noise * gaussian(rng);
    for (let c = 0; c < 3; c++) {
      const value = ground[c]! + ((colour[c]! - ground[c]!) * share) / 255 + grain;
      pixels[3 * i + c] = Math.min(Math.max(Math.round(value), 0), 255);
    }
  });
  return pixels;
}

/** Box and Muller 1958. */
const gaussian = (rng: Seeded): number => Math.sqrt(-2 * Math.log(1 - rng.unit())) * Math.cos(2 * Math.PI * rng.unit());

function fontFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")), "ttf");
  } catch (cause) {
    throw new ModelkeepError("attack/no-fonts", {
      message: "the fonts of npm `dejavu-fonts-ttf` are not installed",
      hint: "npm install dejavu-fonts-ttf",
      cause,
      exit: 4,
    });
  }
}
