import { z } from "zod";
import { rankedRivals } from "../apgd/starts.ts";
import type { AttackContext } from "../context.ts";
import { defineAttack } from "../define.ts";
import { lengthOf, towardsPlane } from "../hyperplane.ts";
import { marginOf } from "../margin.ts";
import { randomPoint } from "../ball.ts";
import { gather, keep } from "../rows.ts";

const params = z.strictObject({
  steps: z.int().positive().default(100),
  restarts: z.int().positive().default(1),
  targetClasses: z.int().positive().default(9),
});

/** How far to step, how much to stay near the example, how far to go back after a success: the paper's η, α_max and β. */
const [overshoot, mostBias, backward] = [1.05, 0.1, 0.9];

/**
 * Fast adaptive boundary attack, targeted: steps onto the linearised boundary to each of the most promising classes, drawn towards the example.
 * Croce and Hein 2020 (arXiv:1907.02044), algorithm 1; its targeted form is that of AutoAttack.
 */
export const fab = defineAttack({
  id: "fab-t",
  title: "Fast adaptive boundary, targeted",
  needs: "gradient",
  aim: "distance",
  norms: ["linf", "l2", "l1"],
  targeted: false,
  params,
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1907.02044"],

  async *run(context) {
    const { batch, rivals, params: chosen } = context;
    const everyRow = Int32Array.from({ length: batch.size }, (_, row) => row);
    const ranked = await rankedRivals(context);
    for (let start = 0; start < chosen.restarts; start++) {
      context.restart();
      for (let rank = 0; rank < Math.min(chosen.targetClasses, rivals); rank++) {
        const targets = everyRow.map((row) => ranked[row * rivals + rank]!);
        yield* fabRun(context, targets, { steps: chosen.steps, random: start > 0 });
      }
    }
  },
});

async function* fabRun(
  context: AttackContext,
  targets: Int32Array,
  { steps, random }: { readonly steps: number; readonly random: boolean },
): AsyncGenerator<void, void, void> {
  const { batch, rowSize } = context;
  let rows = context.standing();
  let x = random ? randomStarts(context, rows) : gather(batch.x, rows, rowSize);
  for (let step = 0; step < steps && rows.length > 0; step++) {
    let answer = await askMargin(context, rows, x, targets);
    // A wrong answer: back towards the example, and look again from there.
    const won = [...rows.keys()].filter(
      (place) => marginOf(context, rows[place]!, answer.scores.subarray(place * context.classes)) < 0,
    );
    if (won.length > 0) {
      for (const place of won) drawBack(x, batch.x, { at: place * rowSize, from: rows[place]! * rowSize, rowSize });
      const places = keep(rows, context.standing(rows));
      if (places !== undefined) {
        rows = gather(rows, places, 1);
        x = gather(x, places, rowSize);
        if (rows.length === 0) return;
      }
      answer = await askMargin(context, rows, x, targets);
    }
    for (const [place, row] of rows.entries()) stepRow(context, x, { place, row, df: answer.loss[place]!, w: answer.gradient });
    yield;
  }
  if (rows.length > 0) await askMargin(context, rows, x, targets);
}

const askMargin = (context: AttackContext, rows: Int32Array, x: Float32Array, targets: Int32Array) =>
  context.gradient("margin-targeted", rows, x, { targets: rows.map((row) => targets[row]!) });

function drawBack(
  x: Float32Array,
  origin: Float32Array,
  { at, from, rowSize }: { at: number; from: number; rowSize: number },
): void {
  for (let i = 0; i < rowSize; i++) x[at + i] = origin[from + i]! + (x[at + i]! - origin[from + i]!) * backward;
}

interface RowStep {
  readonly place: number;
  readonly row: number;
  readonly df: number;
  readonly w: Float32Array;
}

/** Projects both the point and the example onto the boundary and goes to a mean of the two, a little too far. */
function stepRow({ batch, room, rowSize }: AttackContext, x: Float32Array, { place, row, df, w: gradients }: RowStep): void {
  const at = place * rowSize;
  const here = x.subarray(at, at + rowSize);
  const example = batch.x.subarray(row * rowSize, (row + 1) * rowSize);
  const w = gradients.subarray(at, at + rowSize);
  let b = -df;
  for (let i = 0; i < rowSize; i++) b += w[i]! * here[i]!;
  if (!Number.isFinite(b)) return;
  const fromHere = towardsPlane(room, here, { w, b });
  const fromExample = towardsPlane(room, example, { w, b });
  const [a1, a2] = [Math.max(lengthOf(room.norm, fromHere), 1e-8), Math.max(lengthOf(room.norm, fromExample), 1e-8)];
  const alpha = Math.min(a1 / (a1 + a2), mostBias);
  for (let i = 0; i < rowSize; i++) {
    here[i] = (here[i]! + overshoot * fromHere[i]!) * (1 - alpha) + (example[i]! + overshoot * fromExample[i]!) * alpha;
  }
}

/** Random points half as far as the nearest wrong answer known, or as the radius. */
function randomStarts({ batch, room, rng, rowSize, epsilon, nearest }: AttackContext, rows: Int32Array): Float32Array {
  const x = new Float32Array(rows.length * rowSize);
  for (const [place, row] of rows.entries()) {
    const radius = Math.min(nearest(row).distance, epsilon) / 2;
    x.set(randomPoint(room, batch.x, { origin: row * rowSize, epsilon: radius }, rng), place * rowSize);
  }
  return x;
}
