/** Starts of Auto-PGD, each on the rows that still stand; for l1 through shrinking radii. */
import type { AttackContext } from "../context.ts";
import { gather, rivals, scatter } from "../rows.ts";
import type { LossKind } from "../target.ts";
import { project } from "../ball.ts";
import { apgdRun } from "./apgd.ts";

/** What all starts have in common. */
export interface ApgdStarts {
  readonly loss: LossKind;
  readonly steps: number;
  readonly restarts: number;
  readonly targets?: Int32Array;
}

/** All starts. */
export async function* apgdStarts(context: AttackContext, { restarts, ...run }: ApgdStarts): AsyncGenerator<void, void, void> {
  for (let start = 0; start < restarts; start++) {
    const rows = context.standing();
    if (rows.length === 0) return;
    context.restart();
    if (context.room.norm === "l1") yield* throughRadii(context, rows, run);
    else yield* apgdRun(context, rows, run);
  }
}

/** Three radii, from the triple down to the one asked for: Croce and Hein 2021 (arXiv:2103.01208), section 3.3. */
async function* throughRadii(
  context: AttackContext,
  rows: Int32Array,
  run: Omit<ApgdStarts, "restarts">,
): AsyncGenerator<void, void, void> {
  const { rowSize, epsilon, batch, room } = context;
  const wide = context.as("apgd", undefined, { free: true });
  let from: Float32Array | undefined;
  let held = rows;
  for (const [factor, share] of [
    [3, 0.3],
    [2, 0.3],
    [1, 0.4],
  ] as const) {
    const standing = context.standing(held);
    if (standing.length === 0) return;
    if (from !== undefined && standing.length < held.length) {
      const wanted = new Set(standing);
      from = gather(
        from,
        [...held.keys()].filter((place) => wanted.has(held[place]!)),
        rowSize,
      );
    }
    held = standing;
    const radius = factor * epsilon;
    for (const [place, row] of held.entries()) {
      if (from !== undefined) project(room, from, batch.x, { x: place * rowSize, origin: row * rowSize, epsilon: radius });
    }
    const steps = Math.max(1, Math.round(run.steps * share));
    const started = from === undefined ? {} : { from };
    from = yield* apgdRun(factor === 1 ? context : wide, held, { ...run, ...started, steps, radius });
  }
}

/** Wrong classes of each row that stands, the most promising first, by the model's answers to the examples themselves; zeros for the others. */
export async function rankedRivals(context: AttackContext): Promise<Int32Array> {
  const { batch, classes, rivals: count, rowSize } = context;
  const rows = context.standing();
  const scores = await context.scores(rows, gather(batch.x, rows, rowSize));
  const ranked = new Int32Array(batch.size * count);
  return scatter(ranked, rows, rivals(scores, gather(batch.labels, rows, 1), { classes, real: count + 1 }), count);
}
