/** The pictures that a person sees in a mail: attached, shown inside the text, or written into its HTML. */

import type { MailPart } from "../../../model/data/index.ts";
import type { Pixels } from "./ocr/pixels.ts";

export interface MailPicture {
  /** As the mail calls it, or by its number. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** First bytes of the formats that mail programs show, whatever type the mail claims. */
const magics: readonly (readonly number[])[] = [
  [0x89, 0x50, 0x4e, 0x47], // PNG
  [0xff, 0xd8, 0xff], // JPEG
  [0x47, 0x49, 0x46, 0x38], // GIF
  [0x49, 0x49, 0x2a, 0x00], // TIFF
  [0x4d, 0x4d, 0x00, 0x2a],
];

function isPicture({ type, bytes }: Pick<MailPart, "type" | "bytes">): boolean {
  if (/^image\//i.test(type)) return true;
  const tag = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  return (
    magics.some((magic) => magic.every((byte, i) => bytes[i] === byte)) ||
    (tag(0) === "RIFF" && tag(8) === "WEBP") ||
    (tag(4) === "ftyp" && /^(?:avif|heic|mif1)$/.test(tag(8)))
  );
}

/** Pictures of a mail in the order in which they come, those written into the HTML (`data:`, RFC 2397) last. */
export function picturesOf({
  parts,
  html,
}: {
  readonly parts: readonly MailPart[];
  readonly html: string | undefined;
}): MailPicture[] {
  const attached = parts.filter(isPicture).map(({ name, bytes }, i) => ({ name: name ?? `picture ${i + 1}`, bytes }));
  const written = (html ?? "").matchAll(/\bdata:image\/[a-z.+-]{1,20};base64,([A-Za-z0-9+/=\s%]*)/gi);
  const inside = Array.from(written, ({ 1: text }, i) => ({
    name: `picture ${i + 1} in the HTML`,
    bytes: fromBase64(text!.replace(/%(?:0[ad]|20)/gi, "")),
  }));
  return [...attached, ...inside];
}

/** Bytes of base64 text; what is none of its letters is passed over, as mail programs do (RFC 2045, section 6.8). */
export function fromBase64(text: string): Uint8Array {
  const bare = text.replace(/[^A-Za-z0-9+/]/g, "");
  return Uint8Array.from(atob(bare.slice(0, bare.length - (bare.length % 4 === 1 ? 1 : 0))), (letter) => letter.charCodeAt(0));
}

/** Strips of one picture have at most this share of their width as height. */
const stripRatio = 0.5;
/** Higher than this, letters of a stacked picture would become too small to be read. */
const maxStackRatio = 2;

/** Strips of one width that follow each other are what a person sees as one picture: a line may be cut between two of them. */
export function stackStrips<Kind extends { readonly pixels: Pixels; readonly name: string }>(
  pictures: readonly Kind[],
): (readonly Kind[])[] {
  const stacks: Kind[][] = [];
  for (const one of pictures) {
    const stack = stacks.at(-1);
    const { width, height } = one.pixels;
    const above = stack?.[0]?.pixels;
    const isStrip = above !== undefined && above.width === width && Math.max(height, above.height) <= stripRatio * width;
    const sum = stack?.reduce((total, { pixels }) => total + pixels.height, height) ?? 0;
    if (isStrip && sum <= maxStackRatio * width) stack!.push(one);
    else stacks.push([one]);
  }
  return stacks;
}

/** Pictures of one width, one below the other. */
export function stacked(pictures: readonly Pixels[]): Pixels {
  const [{ width }] = pictures as [Pixels];
  const height = pictures.reduce((sum, one) => sum + one.height, 0);
  const data = new Uint8Array(3 * width * height);
  let at = 0;
  for (const one of pictures) {
    data.set(one.data, at);
    at += one.data.length;
  }
  return { width, height, data };
}
