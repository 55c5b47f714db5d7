import { z } from "zod";
import { defineAttack } from "../define.ts";
import { gather } from "../rows.ts";
import { lengthOf } from "../hyperplane.ts";

/** Decoupled direction and norm: the radius shrinks after each success and grows after each failure. Rony et al. 2019 (arXiv:1811.09600), algorithm 1. */
export const ddn = defineAttack({
  id: "ddn",
  title: "Decoupled direction and norm",
  needs: "gradient",
  aim: "distance",
  norms: ["l2"],
  params: z.strictObject({
    steps: z.int().positive().default(100),
    startRadius: z.number().positive().default(1),
    gamma: z.number().positive().max(1).default(0.05).describe("by how much the radius changes"),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1811.09600"],

  async *run(context) {
    const { batch, params, rowSize, classes } = context;
    const loss = batch.targets === undefined ? "cross-entropy" : "cross-entropy-targeted";
    const rows = context.standing();
    const x = gather(batch.x, rows, rowSize);
    const radius = new Float64Array(rows.length).fill(params.startRadius);
    context.restart();
    for (let step = 0; step < params.steps; step++) {
      const { gradient, scores } = await context.gradient(loss, rows, x);
      yield;
      // Cosine annealing from 1 to 0.01, as in section 4.
      const size = 0.01 + (0.99 * (1 + Math.cos((Math.PI * step) / params.steps))) / 2;
      for (const [place, row] of rows.entries()) {
        const won = context.wins(row, argmax(scores, place, classes));
        radius[place]! *= won ? 1 - params.gamma : 1 + params.gamma;
        const at = place * rowSize;
        const length = Math.max(lengthOf("l2", gradient.subarray(at, at + rowSize)), 1e-12);
        const delta = new Float32Array(rowSize);
        for (let i = 0; i < rowSize; i++)
          delta[i] = x[at + i]! - batch.x[row * rowSize + i]! + (size * gradient[at + i]!) / length;
        const scale = radius[place]! / Math.max(lengthOf("l2", delta), 1e-12);
        for (let i = 0; i < rowSize; i++) x[at + i] = batch.x[row * rowSize + i]! + delta[i]! * scale;
      }
    }
    yield { rows, x };
  },
});

function argmax(scores: Float32Array, place: number, classes: number): number {
  let best = 0;
  for (let k = 1; k < classes; k++) if (scores[place * classes + k]! > scores[place * classes + best]!) best = k;
  return best;
}
