import { z } from "zod";
import { defineAttack } from "../define.ts";
import type { AttackContext } from "../context.ts";
import { gather, keep } from "../rows.ts";
import { imageOf } from "../square/proposal.ts";
import type { Image } from "../square/proposal.ts";

/**
 * Adversarial patch: a square of any colours in one place. Brown et al. 2017 (arXiv:1712.09665); a patch for each picture, or with `universal`
 * one for all. The radius counts the numbers that may change, so that a patch of 5 × 5 in three colours has 75. Places are tried where the
 * gradient is largest. On a target behind transforms (`openEotTarget`) it is a sticker that survives being photographed.
 */
export const patch = defineAttack({
  id: "patch",
  title: "Adversarial patch",
  needs: "gradient",
  aim: "radius",
  norms: ["l0"],
  params: z.strictObject({
    steps: z.int().positive().default(100),
    places: z.int().positive().default(3).describe("how many places are tried, one after another"),
    stepSize: z.number().positive().default(0.1).describe("in units of the model's input range"),
    universal: z.boolean().default(false).describe("one patch in one place for all pictures"),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1712.09665"],

  async *run(context) {
    const { batch, epsilon, params, rowDims, rowSize } = context;
    const image = imageOf(rowDims);
    const side = Math.min(Math.floor(Math.sqrt(epsilon / image.channels)), image.height, image.width);
    if (side < 1) return;
    const loss = batch.targets === undefined ? "margin" : "margin-targeted";
    const begin = context.standing();
    const { gradient } = await context.gradient(loss, begin, gather(batch.x, begin, rowSize), { recorded: false });
    const saliency = params.universal ? summed(gradient, begin.length, rowSize) : gradient;
    const ranked = begin.reduce(
      (all, row, place) =>
        all.set(
          row,
          bestPlaces(saliency.subarray(params.universal ? 0 : place * rowSize), { image, side, count: params.places }),
        ),
      new Map<number, readonly number[]>(),
    );
    for (let attempt = 0; attempt < params.places; attempt++) {
      const rows = context.standing();
      if (rows.length === 0) return;
      context.restart();
      yield* paint(context, { rows, loss, corners: rows.map((row) => ranked.get(row)![attempt] ?? 0), image, side });
    }
  },
});

interface Painting {
  readonly rows: Int32Array;
  readonly loss: "margin" | "margin-targeted";
  /** Index of the upper left pixel of each row's patch. */
  readonly corners: Int32Array;
  readonly image: Image;
  readonly side: number;
}

type Params = { readonly steps: number; readonly stepSize: number; readonly universal: boolean };

/** Signed steps on the numbers under the patch, from grey. */
async function* paint(
  context: AttackContext<Params>,
  { rows: given, loss, corners, image, side }: Painting,
): AsyncGenerator<{ rows: Int32Array; x: Float32Array }, void, void> {
  const { batch, params, room, rowSize } = context;
  const cells = Array.from(corners, (corner) => cellsOf(corner, image, side));
  const range = (i: number): number => (Number.isFinite(room.high[i]! - room.low[i]!) ? room.high[i]! - room.low[i]! : 1);
  let rows = given;
  let own = cells;
  let x = gather(batch.x, rows, rowSize);
  for (const [place, list] of own.entries())
    for (const i of list)
      if (Number.isFinite(room.low[i]! + room.high[i]!)) x[place * rowSize + i] = (room.low[i]! + room.high[i]!) / 2;
  for (let step = 0; step < params.steps; step++) {
    const answer = await context.gradient(loss, rows, x);
    const direction = params.universal ? shared(answer.gradient, rows.length, rowSize) : answer.gradient;
    for (const [place, list] of own.entries()) {
      for (const i of list) {
        const at = place * rowSize + i;
        const value = x[at]! + params.stepSize * range(i) * (1 - (0.9 * step) / params.steps) * Math.sign(direction[at]! || 0);
        x[at] = Math.min(Math.max(value, room.low[i]!), room.high[i]!);
      }
    }
    yield { rows, x: x.slice() };
    // One patch for all goes on with all of them; else what has fallen is done.
    const places = params.universal ? undefined : keep(rows, context.standing(rows));
    if (places === undefined) continue;
    [rows, x, own] = [gather(rows, places, 1), gather(x, places, rowSize), Array.from(places, (place) => own[place]!)];
    if (rows.length === 0) return;
  }
}

function summed(block: Float32Array, rows: number, rowSize: number): Float32Array {
  const out = new Float32Array(rowSize);
  for (let row = 0; row < rows; row++) for (let i = 0; i < rowSize; i++) out[i]! += block[row * rowSize + i]!;
  return out;
}

/** The sum of all rows' gradients, in each row. */
function shared(gradient: Float32Array, rows: number, rowSize: number): Float32Array {
  const one = summed(gradient, rows, rowSize);
  const out = new Float32Array(gradient.length);
  for (let row = 0; row < rows; row++) out.set(one, row * rowSize);
  return out;
}

function cellsOf(corner: number, { channels, height, width }: Image, side: number): readonly number[] {
  const cells: number[] = [];
  for (let c = 0; c < channels; c++) {
    for (let line = 0; line < side; line++)
      for (let column = 0; column < side; column++) cells.push(c * height * width + corner + line * width + column);
  }
  return cells;
}

/** Upper left pixels of the places with the largest sum of absolute gradients; places that overlap by more than half count as one. */
function bestPlaces(
  gradient: Float32Array,
  { image, side, count }: { readonly image: Image; readonly side: number; readonly count: number },
): readonly number[] {
  const { height, width } = image;
  const sums: { readonly corner: number; readonly line: number; readonly column: number; readonly sum: number }[] = [];
  for (let line = 0; line + side <= height; line++) {
    for (let column = 0; column + side <= width; column++) {
      const corner = line * width + column;
      const sum = cellsOf(corner, image, side).reduce((total, i) => total + Math.abs(gradient[i]!), 0);
      sums.push({ corner, line, column, sum });
    }
  }
  sums.sort((a, b) => b.sum - a.sum || a.corner - b.corner);
  const chosen: typeof sums = [];
  for (const place of sums) {
    if (chosen.length === count) break;
    const near = chosen.some(
      (other) => Math.abs(other.line - place.line) < side / 2 && Math.abs(other.column - place.column) < side / 2,
    );
    if (!near) chosen.push(place);
  }
  return chosen.map(({ corner }) => corner);
}
