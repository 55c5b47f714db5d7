import { z } from "zod";
import { defineAttack } from "../define.ts";
import type { AttackContext } from "../context.ts";
import { findStarts, toBoundary } from "../decision/boundary.ts";
import { normals } from "../noise.ts";
import { repeated } from "../rows.ts";

/**
 * Sign-OPT: the distance to the boundary as a function of the direction, lowered by the signs of its directional derivatives, one query each.
 * Cheng et al. 2020 (arXiv:1909.10773), algorithm 1.
 */
export const signOpt = defineAttack({
  id: "sign-opt",
  title: "Sign-OPT",
  needs: "decisions",
  aim: "distance",
  norms: ["l2"],
  params: z.strictObject({
    steps: z.int().positive().default(30),
    samples: z.int().positive().default(100).describe("directions of one estimate"),
    stepSize: z.number().positive().default(0.2),
    smoothing: z.number().positive().default(0.001),
    starts: z.int().positive().default(50),
  }),
  references: ["atlas:AML.T0042", "doi:10.48550/arXiv.1909.10773"],

  async *run(context) {
    const { batch, params, rowSize } = context;
    const starts = await findStarts(context, params.starts);
    const edge = await toBoundary(context, starts, 1e-3);
    yield;
    for (const [place, row] of starts.rows.entries()) {
      let theta = unit(
        edge.subarray(place * rowSize, (place + 1) * rowSize).map((value, i) => value - batch.x[row * rowSize + i]!),
      );
      let far = context.nearest(row).distance;
      let size = params.stepSize;
      for (let step = 0; step < params.steps; step++) {
        if (context.standing(Int32Array.of(row)).length === 0 || size < 1e-4) break;
        const gradient = await signGradient(context, row, { theta, far });
        const next = await search(context, row, { theta, far, gradient, size });
        if (next.far < far) [theta, far, size] = [next.theta, next.far, size * 1.5];
        else size /= 4;
        yield;
      }
    }
  },
});

interface Direction {
  readonly theta: Float32Array;
  readonly far: number;
}

/** Eq. 8: all directions at the same length are asked at once. */
async function signGradient(
  context: AttackContext<{ readonly samples: number; readonly smoothing: number }>,
  row: number,
  { theta, far }: Direction,
): Promise<Float32Array> {
  const { rowSize, params, rng, batch } = context;
  const { samples, smoothing } = params;
  const noise = normals(rng, samples * rowSize);
  const points = new Float32Array(noise.length);
  for (let s = 0; s < samples; s++) {
    const u = unit(noise.subarray(s * rowSize, (s + 1) * rowSize));
    noise.set(u, s * rowSize);
    const turned = unit(theta.map((value, i) => value + smoothing * u[i]!));
    for (let i = 0; i < rowSize; i++) points[s * rowSize + i] = batch.x[row * rowSize + i]! + far * turned[i]!;
  }
  const labels = await context.decide(repeated(Int32Array.of(row), samples), points);
  const out = new Float32Array(rowSize);
  // A wrong answer at the same length: the boundary is nearer that way.
  for (let s = 0; s < samples; s++) {
    const sign = context.wins(row, labels[s]!) ? -1 : 1;
    for (let i = 0; i < rowSize; i++) out[i]! += (sign * noise[s * rowSize + i]!) / samples;
  }
  return out;
}

/** Longer steps while they bring the boundary nearer, shorter ones if the first does not. */
async function search(
  context: AttackContext,
  row: number,
  { theta, far, gradient, size }: Direction & { readonly gradient: Float32Array; readonly size: number },
): Promise<Direction> {
  const direction = unit(gradient);
  let best: Direction = { theta, far };
  for (let attempt = 0, step = size; attempt < 6; attempt++) {
    const turned = unit(theta.map((value, i) => value - step * direction[i]!));
    const length = await boundaryAlong(context, row, { theta: turned, far: best.far });
    const better = length < best.far;
    if (better) best = { theta: turned, far: length };
    if (!better && best.far < far) break;
    step = better ? step * 2 : step / 4;
  }
  return best;
}

/** The distance to the boundary in a direction if it is below `far`; infinite otherwise. */
async function boundaryAlong(context: AttackContext, row: number, { theta, far }: Direction): Promise<number> {
  const wrongAt = async (length: number): Promise<boolean> => {
    const x = theta.map((value, i) => context.batch.x[row * context.rowSize + i]! + value * length);
    const labels = await context.decide(Int32Array.of(row), x);
    return context.wins(row, labels[0]!);
  };
  if (!(await wrongAt(far))) return Infinity;
  let [low, high] = [0.8 * far, far];
  if (await wrongAt(low)) [low, high] = [0, low];
  while (high - low > 1e-3 * far) {
    const middle = (low + high) / 2;
    if (await wrongAt(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function unit(values: Float32Array): Float32Array {
  let length = 0;
  for (const value of values) length += value * value;
  const scale = 1 / Math.max(Math.sqrt(length), 1e-12);
  return values.map((value) => value * scale);
}
