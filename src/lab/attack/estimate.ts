/** Gradients from scores alone, by differences along random directions. */
import { z } from "zod";
import type { AttackContext } from "./context.ts";
import { marginOf } from "./margin.ts";
import { normal } from "./noise.ts";
import { gather, repeated, scatter } from "./rows.ts";
import { ascend } from "./steps.ts";

/** How directions are drawn, and how many. */
export interface EstimateOptions {
  /** Pairs of points, x + σu and x − σu. */
  readonly pairs: number;
  readonly sigma: number;
  readonly directions: "gaussian" | "signs";
}

/** The direction in which the margin falls, for each row: the mean of u · (f(x − σu) − f(x + σu)) / 2σ. */
export async function estimateDescent(
  context: AttackContext,
  { rows, x }: { readonly rows: Int32Array; readonly x: Float32Array },
  options: EstimateOptions,
): Promise<Float32Array> {
  const { rowSize, rng, classes } = context;
  const { pairs, sigma, directions } = options;
  const out = new Float32Array(x.length);
  const together = Math.max(1, Math.floor(2 ** 22 / (2 * pairs * rowSize)));
  for (let from = 0; from < rows.length; from += together) {
    const places = Array.from({ length: Math.min(together, rows.length - from) }, (_, i) => from + i);
    const some = gather(rows, places, 1);
    const noise = Float32Array.from({ length: places.length * pairs * rowSize }, () =>
      directions === "gaussian" ? normal(rng) : rng.uint32() & 1 ? 1 : -1,
    );
    const points = new Float32Array(2 * noise.length);
    for (let pair = 0; pair < places.length * pairs; pair++) {
      const base = places[Math.floor(pair / pairs)]! * rowSize;
      for (let i = 0; i < rowSize; i++) {
        const step = sigma * noise[pair * rowSize + i]!;
        points[2 * pair * rowSize + i] = x[base + i]! + step;
        points[(2 * pair + 1) * rowSize + i] = x[base + i]! - step;
      }
    }
    const scores = await context.scores(repeated(some, 2 * pairs), points);
    for (let pair = 0; pair < places.length * pairs; pair++) {
      const place = places[Math.floor(pair / pairs)]!;
      const [up, down] = [0, 1].map((side) => marginOf(context, rows[place]!, scores.subarray((2 * pair + side) * classes))) as [
        number,
        number,
      ];
      const slope = (down - up) / (2 * sigma * pairs);
      if (!Number.isFinite(slope)) continue;
      for (let i = 0; i < rowSize; i++) out[place * rowSize + i]! += slope * noise[pair * rowSize + i]!;
    }
  }
  return out;
}

/** What attacks along estimated gradients can be told. */
export const estimateParams = z.strictObject({
  steps: z.int().positive().default(50),
  pairs: z.int().positive().default(25),
  sigma: z.number().positive().default(0.01),
  stepSize: z.number().positive().optional().describe("default 5 ε / steps"),
});

/** Projected steps along estimated gradients. */
export async function* descendByEstimates(
  context: AttackContext<z.infer<typeof estimateParams>>,
  directions: EstimateOptions["directions"],
): AsyncGenerator<{ readonly rows: Int32Array; readonly x: Float32Array }, void, void> {
  const { batch, room, rowSize, epsilon, params } = context;
  const { steps, stepSize = (5 * epsilon) / steps, ...rest } = params;
  const options = { ...rest, directions };
  const current = batch.x.slice();
  for (let step = 0; step < steps; step++) {
    const rows = context.standing();
    if (rows.length === 0) return;
    const x = gather(current, rows, rowSize);
    const direction = await estimateDescent(context, { rows, x }, options);
    ascend(room, x, direction, stepSize);
    context.project(rows, x);
    scatter(current, rows, x, rowSize);
    const standing = context.standing(rows);
    yield { rows: standing, x: gather(current, standing, rowSize) };
  }
}
