import { z } from "zod";
import { defineAttack } from "../define.ts";
import type { Room } from "../ball.ts";
import type { AttackContext } from "../context.ts";
import type { Candidates } from "../define.ts";
import { gather, keep } from "../rows.ts";
import type { LossKind } from "../target.ts";
import { bestPlaces, cellsOf, windowsOf } from "../patch/places.ts";
import type { Place } from "../patch/places.ts";
import { imageOf } from "../square/proposal.ts";
import type { Image } from "../square/proposal.ts";

/**
 * Adversarial patch: a square or rectangle of any colours in one place. Brown et al. 2017 (arXiv:1712.09665); a patch for each picture, or with
 * `universal` one for all. The radius counts the numbers that may change, so that a patch of 5 × 5 in three colours has 75. Places are tried where
 * the gradient promises most, never on numbers that constraints keep as they are. On a target behind transforms (`openEotTarget`) it is a sticker
 * that survives being photographed.
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
    shape: z.enum(["square", "rectangle"]).default("square").describe("rectangles of the same area are tried as well"),
    loss: z.enum(["margin", "log-wrong"]).default("margin").describe("log-wrong for a target behind transforms"),
    universal: z.boolean().default(false).describe("one patch in one place for all pictures"),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1712.09665"],

  async *run(context) {
    const { batch, epsilon, params, rowDims, rowSize } = context;
    const image = imageOf(rowDims);
    const windows = windowsOf(Math.floor(epsilon / image.channels), image, params.shape);
    if (windows.length === 0) return;
    const loss = batch.targets === undefined ? params.loss : "margin-targeted";
    const begin = context.standing();
    const origin = gather(batch.x, begin, rowSize);
    const { gradient } = await context.gradient(loss, begin, origin, { recorded: false });
    const gain = gradient.map((slope, i) => slope * wayLeft(context.room, origin[i]!, i % rowSize, slope));
    const saliency = params.universal ? summed(gain, begin.length, rowSize) : gain;
    const choice = { image, windows, count: params.places, fixed: context.room.fixed };
    const ranked = new Map<number, readonly Place[]>();
    for (const [place, row] of begin.entries())
      ranked.set(row, bestPlaces(saliency.subarray(params.universal ? 0 : place * rowSize), choice));
    for (let attempt = 0; attempt < params.places; attempt++) {
      const rows = context.standing().filter((row) => ranked.get(row)![attempt] !== undefined);
      if (rows.length === 0) return;
      context.restart();
      yield* paint(context, { rows, loss, places: Array.from(rows, (row) => ranked.get(row)![attempt]!), image });
    }
  },
});

/** How far a number can go uphill: to its bound, or by one where it has none. */
function wayLeft({ low, high }: Room, value: number, i: number, slope: number): number {
  const way = (slope > 0 ? high : low)[i]! - value;
  return Number.isFinite(way) ? way : Math.sign(slope);
}

interface Painting {
  readonly rows: Int32Array;
  readonly loss: LossKind;
  /** Where each row's patch is. */
  readonly places: readonly Place[];
  readonly image: Image;
}

type Params = { readonly steps: number; readonly stepSize: number; readonly universal: boolean };

/** Signed steps on the numbers under the patch, from grey. */
async function* paint(
  context: AttackContext<Params>,
  { rows: given, loss, places: where, image }: Painting,
): AsyncGenerator<Candidates | void, void, void> {
  const { batch, params, room, rowSize } = context;
  const cells = where.map((place) => cellsOf(place, image));
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
    yield; // the next question for a gradient is asked at this point
    // One patch for all goes on with all of them; else what has fallen is done.
    const places = params.universal ? undefined : keep(rows, context.standing(rows));
    if (places === undefined) continue;
    [rows, x, own] = [gather(rows, places, 1), gather(x, places, rowSize), Array.from(places, (place) => own[place]!)];
    if (rows.length === 0) return;
  }
  yield { rows, x };
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
