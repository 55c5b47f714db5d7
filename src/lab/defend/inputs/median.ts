import { z } from "zod";
import type { GraphBuilder } from "../../../model/onnx/index.ts";
import { defineDefence } from "../front/define.ts";
import { pictureOf } from "../front/picture.ts";

/** Slices up to the end of an axis, whatever its size. */
const toEnd = 2n ** 31n - 1n;

/**
 * Each pixel becomes the median of its neighbours: lone pixels vanish, edges stay. Xu, Evans and Qi 2018 (arXiv:1704.01155), section II.B; of
 * an even number of neighbours the upper median, as there. Beyond the border the border's pixels are repeated.
 */
export const median = defineDefence({
  id: "median",
  title: "the median of each pixel's neighbourhood",
  params: z.strictObject({ size: z.int().min(2).max(5).default(3).describe("side of the square of neighbours") }),
  references: ["doi:10.14722/ndss.2018.23198", "atlas:AML.M0015"],

  apply({ params: { size }, ...site }) {
    const { b } = site;
    const { value, back } = pictureOf(site, "median");
    const before = size >> 1;
    const after = size - 1 - before;
    const padded = b.op("Pad", [value, b.ints([0, 0, before, before, 0, 0, after, after])], { mode: "edge" });
    const shifts = Array.from({ length: size }, (_, shift) => shift);
    const windows = shifts.flatMap((down) => shifts.map((right) => window(b, padded, { down, right, size })));
    return back(middle(b, windows));
  },
});

interface Shift {
  readonly down: number;
  readonly right: number;
  readonly size: number;
}

function window(b: GraphBuilder, padded: string, { down, right, size }: Shift): string {
  const end = (shift: number): bigint => (shift === size - 1 ? toEnd : BigInt(shift - size + 1));
  return b.op("Slice", [padded, b.ints([down, right]), b.ints([end(down), end(right)]), b.ints([2, 3])]);
}

/**
 * The median by minima and maxima only, so that it has a derivative and runs as fast as additions do: of more than half the values the least and
 * the greatest cannot be the median; they are dropped, another value is taken in. McGuire 2008, "A fast, small-radius GPU median filter".
 */
function middle(b: GraphBuilder, values: readonly string[]): string {
  const first = (values.length >> 1) + 2;
  let held = values.slice(0, first);
  const waiting = values.slice(first);
  while (held.length > 2) {
    held = withoutExtremes(b, held);
    const next = waiting.shift();
    if (next !== undefined) held.push(next);
  }
  return held.length === 1 ? held[0]! : b.op("Max", held);
}

/** One pass to each side: pairs first, so that half of the comparisons serve both. */
function withoutExtremes(b: GraphBuilder, values: readonly string[]): string[] {
  const sorted = [...values];
  const exchange = (i: number, j: number): void => {
    const [low, high] = [sorted[i]!, sorted[j]!];
    sorted[i] = b.op("Min", [low, high]);
    sorted[j] = b.op("Max", [low, high]);
  };
  const last = sorted.length - 1;
  for (let i = 0; i < sorted.length >> 1; i++) exchange(i, last - i);
  for (let i = 1; i <= last >> 1; i++) exchange(0, i);
  for (let i = (last + 1) >> 1; i < last; i++) exchange(i, last);
  return sorted.slice(1, -1);
}
