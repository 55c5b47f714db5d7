import { z } from "zod";
import { defineAttack } from "../define.ts";
import { strideAt } from "../climb.ts";
import { gather, keep } from "../rows.ts";
import { ascend } from "../steps.ts";

/**
 * Projected gradient descent. Madry et al. 2018 (arXiv:1706.06083), eq. 2; without a random start it is the basic iterative method (Kurakin
 * et al. 2017, arXiv:1607.02533); momentum after Dong et al. 2018 (arXiv:1710.06081), eq. 6; for l1 the sparse step of Tramèr and Boneh 2019.
 */
export const pgd = defineAttack({
  id: "pgd",
  title: "Projected gradient descent",
  needs: "gradient",
  aim: "radius",
  norms: ["linf", "l2", "l1"],
  params: z.strictObject({
    steps: z.int().positive().default(40),
    stepSize: z.number().positive().optional().describe("per step, in input units; default 2.5 ε / steps"),
    restarts: z.int().positive().default(1),
    randomStart: z.boolean().default(true).describe("false starts at the example itself, also with restarts 1"),
    momentum: z.number().min(0).max(1).default(0).describe("how much of the last direction is kept"),
    loss: z.enum(["cross-entropy", "margin", "dlr", "log-wrong"]).default("cross-entropy"),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1706.06083"],

  async *run(context) {
    const { batch, epsilon, room, params, rowSize } = context;
    const stepSize = params.stepSize ?? (2.5 * epsilon) / params.steps;
    const loss =
      batch.targets === undefined ? params.loss : params.loss === "margin" ? "margin-targeted" : "cross-entropy-targeted";
    const climb = params.momentum > 0 ? undefined : context.climb;
    for (let start = 0; start < params.restarts; start++) {
      let rows = context.standing();
      context.restart();
      let x = params.randomStart ? context.randomStart(rows) : gather(batch.x, rows, rowSize);
      let velocity = new Float32Array(params.momentum > 0 ? x.length : 0);
      let { gradient: slope } = await context.gradient(loss, rows, x);
      for (let step = 1; ;) {
        yield;
        const standing = context.standing(rows);
        const places = keep(rows, standing);
        if (places !== undefined) {
          [x, slope] = [gather(x, places, rowSize), gather(slope, places, rowSize)];
          if (params.momentum > 0) velocity = gather(velocity, places, rowSize);
          rows = standing;
        }
        if (rows.length === 0) return;
        if (climb !== undefined && step < params.steps) {
          const steps = Math.min(strideAt(step), params.steps - step);
          const size = new Float32Array(rows.length).fill(stepSize);
          const made = await climb(loss, rows, { x, slope }, { size, steps });
          [x, slope, step] = [made.x, made.slope, step + made.steps];
          continue;
        }
        ascend(
          room,
          x,
          params.momentum > 0 ? accelerate(velocity, slope, { rowSize, momentum: params.momentum }) : slope,
          stepSize,
        );
        if (step++ === params.steps) break;
        slope = (await context.gradient(loss, rows, x)).gradient;
      }
      yield { rows, x };
    }
  },
});

/** Adds the gradient, scaled to length 1 in l1, to what is kept of the last direction. */
function accelerate(
  velocity: Float32Array,
  gradient: Float32Array,
  { rowSize, momentum }: { rowSize: number; momentum: number },
): Float32Array {
  for (let at = 0; at < gradient.length; at += rowSize) {
    let length = 0;
    for (let i = at; i < at + rowSize; i++) length += Math.abs(gradient[i]!);
    for (let i = at; i < at + rowSize; i++) velocity[i] = momentum * velocity[i]! + (length > 0 ? gradient[i]! / length : 0);
  }
  return velocity;
}
