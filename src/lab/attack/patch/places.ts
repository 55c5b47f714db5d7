/** Where a patch may be put, and how large it is there. */
import type { Image } from "../square/proposal.ts";

/** A window of a picture, by its upper left pixel. */
export interface Place {
  readonly corner: number;
  readonly height: number;
  readonly width: number;
}

/** The longer side of a rectangle is at most so many times the shorter one: thinner ones are lines, which a blur takes away. */
const longest = 3;
/** A rectangle that leaves more than a tenth of the allowance unused is not tried. */
const used = 0.9;

/** Sizes of windows with at most so many pixels: the largest square, or every rectangle that is nearly as large as it may be. */
export function windowsOf(
  pixels: number,
  { height, width }: Image,
  shape: "square" | "rectangle",
): readonly Omit<Place, "corner">[] {
  const side = Math.min(Math.floor(Math.sqrt(pixels)), height, width);
  if (side < 1) return [];
  const square = { height: side, width: side };
  if (shape === "square") return [square];
  const rectangles = Array.from({ length: height }, (_, i) => ({
    height: i + 1,
    width: Math.min(width, Math.floor(pixels / (i + 1))),
  }))
    .filter((window) => window.width >= 1 && window.height * window.width >= used * pixels)
    .filter((window) => Math.max(window.height, window.width) <= longest * Math.min(window.height, window.width));
  return rectangles.length === 0 ? [square] : rectangles;
}

/** Positions of the numbers under a window, in all channels. */
export function cellsOf(
  { corner, height: rows, width: columns }: Place,
  { channels, height, width }: Omit<Image, "window">,
): readonly number[] {
  const cells: number[] = [];
  for (let c = 0; c < channels; c++) {
    for (let line = 0; line < rows; line++)
      for (let column = 0; column < columns; column++) cells.push(c * height * width + corner + line * width + column);
  }
  return cells;
}

/** What places are chosen by. */
export interface Choice {
  readonly image: Image;
  readonly windows: readonly Omit<Place, "corner">[];
  readonly count: number;
  /** 1 where a number stays as it is: no window holds one. */
  readonly fixed: Uint8Array | undefined;
}

/** Windows with the largest sum of absolute gradients, the best first; those that overlap by more than half each way count as one. */
export function bestPlaces(gradient: Float32Array, { image, windows, count, fixed }: Choice): readonly Place[] {
  const { height, width } = image;
  const [weight, closed] = [summed(image, (i) => Math.abs(gradient[i]!)), summed(image, (i) => fixed?.[i] ?? 0)];
  const found: (Place & { readonly sum: number })[] = [];
  for (const window of windows) {
    for (let line = 0; line + window.height <= height; line++) {
      for (let column = 0; column + window.width <= width; column++) {
        if (closed(line, column, window) > 0.5) continue;
        found.push({ ...window, corner: line * width + column, sum: weight(line, column, window) });
      }
    }
  }
  found.sort((a, b) => b.sum - a.sum || a.corner - b.corner);
  const chosen: Place[] = [];
  for (const place of found) {
    if (chosen.length === count) break;
    if (!chosen.some((other) => overlap(place, other, width))) chosen.push(place);
  }
  return chosen;
}

function overlap(a: Place, b: Place, width: number): boolean {
  const middle = ({ corner, height, width: columns }: Place): readonly [number, number] => [
    Math.floor(corner / width) + height / 2,
    (corner % width) + columns / 2,
  ];
  const [[lineA, columnA], [lineB, columnB]] = [middle(a), middle(b)];
  return Math.abs(lineA - lineB) < a.height / 2 && Math.abs(columnA - columnB) < a.width / 2;
}

/** Sums over windows in four look-ups (Crow 1984, summed-area tables); channels are added up. */
function summed({ channels, height, width }: Image, valueOf: (i: number) => number) {
  const table = new Float64Array((height + 1) * (width + 1));
  for (let line = 0; line < height; line++) {
    for (let column = 0; column < width; column++) {
      let value = 0;
      for (let c = 0; c < channels; c++) value += valueOf((c * height + line) * width + column);
      const at = (line + 1) * (width + 1) + column + 1;
      table[at] = value + table[at - 1]! + table[at - width - 1]! - table[at - width - 2]!;
    }
  }
  return (line: number, column: number, window: Omit<Place, "corner">): number => {
    const [top, bottom] = [line * (width + 1) + column, (line + window.height) * (width + 1) + column];
    return table[bottom + window.width]! - table[bottom]! - table[top + window.width]! + table[top]!;
  };
}
