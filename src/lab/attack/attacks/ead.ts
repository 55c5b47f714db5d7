import { z } from "zod";
import { defineAttack } from "../define.ts";
import type { AttackContext } from "../context.ts";
import { gather } from "../rows.ts";

/**
 * Elastic-net attack: the loss of Carlini and Wagner with β‖δ‖₁ beside ‖δ‖², minimised by shrinking and thresholding with momentum. Chen et al.
 * 2018 (arXiv:1709.04114), eq. 7 and algorithm 1 (FISTA).
 */
export const ead = defineAttack({
  id: "ead",
  title: "Elastic net",
  needs: "gradient",
  aim: "distance",
  norms: ["l1", "l2"],
  params: z.strictObject({
    searchSteps: z.int().positive().default(9),
    steps: z.int().positive().default(1000),
    learningRate: z.number().positive().default(0.01),
    startConstant: z.number().positive().default(1e-3),
    confidence: z.number().min(0).default(0),
    beta: z.number().min(0).default(0.01).describe("weight of the l1 length"),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1709.04114"],

  async *run(context) {
    const { params } = context;
    const rows = context.standing();
    const constant = new Float64Array(rows.length).fill(params.startConstant);
    const low = new Float64Array(rows.length);
    const high = new Float64Array(rows.length).fill(Infinity);
    for (let search = 0; search < params.searchSteps; search++) {
      context.restart();
      const found = new Uint8Array(rows.length);
      yield* descend(context, { rows, constant, found });
      for (const place of rows.keys()) {
        if (found[place] === 1) high[place] = constant[place]!;
        else low[place] = constant[place]!;
        constant[place] = high[place] === Infinity ? constant[place]! * 10 : (low[place]! + high[place]!) / 2;
      }
    }
  },
});

interface Search {
  readonly rows: Int32Array;
  readonly constant: Float64Array;
  readonly found: Uint8Array;
}

type Params = { readonly steps: number; readonly learningRate: number; readonly confidence: number; readonly beta: number };

async function* descend(context: AttackContext<Params>, { rows, constant, found }: Search): AsyncGenerator<void, void, void> {
  const { batch, params, rowSize, room } = context;
  const kind = batch.targets === undefined ? "margin" : "margin-targeted";
  const origin = gather(batch.x, rows, rowSize);
  const x = origin.slice();
  const y = origin.slice();
  for (let step = 0; step < params.steps; step++) {
    const answer = await context.gradient(kind, rows, y);
    const rate = params.learningRate * Math.sqrt(1 - step / params.steps);
    const momentum = step / (step + 3);
    for (const place of rows.keys()) {
      const active = answer.loss[place]! < params.confidence ? constant[place]! : 0;
      for (let k = 0; k < rowSize; k++) {
        const i = place * rowSize + k;
        const gradient = 2 * (y[i]! - origin[i]!) - active * answer.gradient[i]!;
        const next = shrink(y[i]! - rate * gradient - origin[i]!, params.beta, origin[i]!, room.low[k]!, room.high[k]!);
        y[i] = next + momentum * (next - x[i]!);
        x[i] = next;
      }
    }
    const labels = await context.decide(rows, x);
    for (const [place, row] of rows.entries()) if (context.wins(row, labels[place]!)) found[place] = 1;
    yield;
    if (context.standing(rows).length === 0) return;
  }
}

/** S_β of eq. 5 on the change of one number. */
function shrink(change: number, ...[beta, origin, low, high]: readonly [number, number, number, number]): number {
  const size = Math.max(Math.abs(change) - beta, 0);
  return Math.min(Math.max(origin + Math.sign(change) * size, low), high);
}
