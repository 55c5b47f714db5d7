import { z } from "zod";
import { defineAttack } from "../define.ts";
import type { AttackContext } from "../context.ts";
import { rankedRivals } from "../apgd/starts.ts";
import { gather, keep, repeated } from "../rows.ts";

/**
 * Steps to the nearest linearised boundary of several classes until the answer changes. Moosavi-Dezfooli et al. 2016 (arXiv:1511.04599),
 * algorithm 2; linf as in section 2.2's remark on other norms.
 */
export const deepfool = defineAttack({
  id: "deepfool",
  title: "DeepFool",
  needs: "gradient",
  aim: "distance",
  norms: ["linf", "l2"],
  targeted: false,
  params: z.strictObject({
    steps: z.int().positive().default(50),
    candidates: z.int().positive().default(10).describe("classes looked at, the right one among them"),
    overshoot: z.number().min(0).default(0.02),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1511.04599"],

  async *run(context) {
    const { batch, params, rivals, rowSize } = context;
    const ranked = await rankedRivals(context);
    const count = Math.min(params.candidates - 1, rivals);
    let rows = context.standing();
    let total = new Float32Array(rows.length * rowSize);
    context.restart();
    for (let step = 0; step < params.steps && rows.length > 0; step++) {
      const x = moved(batch.x, { rows, total, rowSize, factor: 1 + params.overshoot });
      const labels = await context.decide(rows, x);
      const open = rows.filter((row, place) => !context.wins(row, labels[place]!));
      const places = keep(rows, context.standing(open));
      if (places !== undefined) {
        total = gather(total, places, rowSize);
        rows = gather(rows, places, 1);
      }
      yield;
      if (rows.length === 0) return;
      await stepTo(context, { rows, total, count, ranked });
    }
    if (rows.length > 0) yield { rows, x: moved(batch.x, { rows, total, rowSize, factor: 1 + params.overshoot }) };
  },
});

interface Moving {
  readonly rows: Int32Array;
  readonly total: Float32Array;
  readonly count: number;
  readonly ranked: Int32Array;
}

/** One question for each pair of a row and a class; then each row goes to the nearest of its boundaries. */
async function stepTo(
  context: AttackContext<{ readonly overshoot: number }>,
  { rows, total, count, ranked }: Moving,
): Promise<void> {
  const { batch, rivals, rowSize, room } = context;
  const pairs = repeated(rows, count);
  const targets = pairs.map((row, i) => ranked[row * rivals + (i % count)]!);
  const points = gather(
    moved(batch.x, { rows, total, rowSize, factor: 1 + context.params.overshoot }),
    repeated(Int32Array.from(rows.keys()), count),
    rowSize,
  );
  const { loss, gradient } = await context.gradient("margin-targeted", pairs, points, { targets });
  for (const place of rows.keys()) {
    let nearest = { distance: Infinity, pair: -1, length: 0 };
    for (let pair = place * count; pair < (place + 1) * count; pair++) {
      const length = dualLength(gradient.subarray(pair * rowSize, (pair + 1) * rowSize), room.norm === "linf");
      const distance = Math.abs(loss[pair]!) / (length + 1e-8);
      if (distance < nearest.distance) nearest = { distance, pair, length };
    }
    if (nearest.pair < 0) continue;
    const g = gradient.subarray(nearest.pair * rowSize, (nearest.pair + 1) * rowSize);
    for (let i = 0; i < rowSize; i++) {
      const direction = room.norm === "linf" ? Math.sign(g[i]!) : g[i]! / (nearest.length + 1e-8);
      // The 1e-4 carries it across, as in the authors' program.
      total[place * rowSize + i]! += (nearest.distance + 1e-4) * direction;
    }
  }
}

function dualLength(gradient: Float32Array, l1: boolean): number {
  let sum = 0;
  for (const value of gradient) sum += l1 ? Math.abs(value) : value * value;
  return l1 ? sum : Math.sqrt(sum);
}

function moved(
  x: Float32Array,
  {
    rows,
    total,
    rowSize,
    factor,
  }: { readonly rows: Int32Array; readonly total: Float32Array; readonly rowSize: number; readonly factor: number },
): Float32Array {
  const out = gather(x, rows, rowSize);
  for (let i = 0; i < out.length; i++) out[i]! += total[i]! * factor;
  return out;
}
