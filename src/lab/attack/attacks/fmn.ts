import { z } from "zod";
import { project } from "../ball.ts";
import { defineAttack } from "../define.ts";
import type { AttackContext } from "../context.ts";
import { lengthOf } from "../hyperplane.ts";
import { gather } from "../rows.ts";
import type { Norm } from "../threat.ts";

const params = z.strictObject({
  steps: z.int().positive().default(100),
  stepSize: z.number().positive().default(1).describe("at first, in l2; falls to a hundredth"),
  gamma: z.number().positive().max(1).default(0.05).describe("by how much the radius changes at first; falls to 0.001"),
});

/**
 * Fast minimum-norm attack: the radius follows the distance to the boundary, as the gradient estimates it, until a wrong answer is found, and
 * shrinks or grows from then on. Pintor et al. 2021 (arXiv:2102.12827), algorithm 1, for all four norms.
 */
export const fmn = defineAttack({
  id: "fmn",
  title: "Fast minimum norm",
  needs: "gradient",
  aim: "distance",
  norms: ["linf", "l2", "l1", "l0"],
  params,
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.2102.12827"],

  async *run(context) {
    const { batch, params: chosen, rowSize, room } = context;
    const loss = batch.targets === undefined ? "margin" : "margin-targeted";
    const rows = context.standing();
    const x = gather(batch.x, rows, rowSize);
    const radius = new Float64Array(rows.length).fill(Infinity);
    context.restart();
    for (let step = 0; step < chosen.steps; step++) {
      const answer = await context.gradient(loss, rows, x);
      yield;
      const falling = (1 + Math.cos((Math.PI * step) / chosen.steps)) / 2;
      const gamma = 0.001 + (chosen.gamma - 0.001) * falling;
      const size = chosen.stepSize * (0.01 + 0.99 * falling);
      for (const [place, row] of rows.entries()) {
        const at = place * rowSize;
        const gradient = answer.gradient.subarray(at, at + rowSize);
        const delta = Float32Array.from({ length: rowSize }, (_, i) => x[at + i]! - batch.x[row * rowSize + i]!);
        radius[place] = nextRadius(context, { row, gamma, radius: radius[place]!, loss: answer.loss[place]!, gradient, delta });
        const length = lengthOf("l2", gradient);
        if (length > 0) for (let i = 0; i < rowSize; i++) x[at + i]! += (size * gradient[i]!) / length;
        project(room, x, batch.x, { x: at, origin: row * rowSize, epsilon: radius[place]! });
      }
    }
    yield { rows, x };
  },
});

interface RowState {
  readonly row: number;
  readonly gamma: number;
  readonly radius: number;
  /** Positive where the goal is reached. */
  readonly loss: number;
  readonly gradient: Float32Array;
  readonly delta: Float32Array;
}

function nextRadius({ room, nearest }: AttackContext, { row, gamma, radius, loss, gradient, delta }: RowState): number {
  const best = nearest(row).distance;
  const { norm, rowSize } = room;
  if (norm === "l0") {
    const now = Math.min(radius, rowSize);
    if (loss > 0) return Math.max(0, Math.min(now - 1, Math.trunc(now * (1 - gamma)), best));
    if (radius === Infinity) return 1;
    return Math.min(rowSize, Math.max(now + 1, Math.trunc(now * (1 + gamma))));
  }
  if (loss > 0) return Math.min((radius === Infinity ? lengthOf(norm, delta) : radius) * (1 - gamma), best);
  if (best < Infinity) return radius * (1 + gamma);
  return lengthOf(norm, delta) + Math.abs(loss) / Math.max(lengthOf(dual(norm), gradient), 1e-12);
}

const dual = (norm: Norm): Norm => ({ linf: "l1", l2: "l2", l1: "linf", l0: "linf" })[norm] as Norm;
