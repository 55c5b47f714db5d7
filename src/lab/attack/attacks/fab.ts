import { z } from "zod";
import { rankedRivals } from "../apgd/starts.ts";
import type { AttackContext } from "../context.ts";
import { defineAttack } from "../define.ts";
import { fabStep } from "../fab/step.ts";
import { marginOf } from "../margin.ts";
import { randomPoint } from "../ball.ts";
import { gather, keep } from "../rows.ts";

const params = z.strictObject({
  steps: z.int().positive().default(100),
  restarts: z.int().positive().default(1),
  targetClasses: z.int().positive().default(9),
});

/** How far to go back after a success: the paper's β. */
const backward = 0.9;

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

/**
 * A wrong answer is drawn back towards the example, and the gradient is asked for anew there; the other rows go on meanwhile. Each row makes
 * its own number of steps, then is looked at once more.
 */
async function* fabRun(
  context: AttackContext,
  targets: Int32Array,
  { steps, random }: { readonly steps: number; readonly random: boolean },
): AsyncGenerator<void, void, void> {
  const { batch, rowSize, classes } = context;
  const step = fabStep(context.room);
  let rows = context.standing();
  let x = random ? randomStarts(context, rows) : gather(batch.x, rows, rowSize);
  let made = new Int32Array(rows.length);
  let drawn = new Int32Array(rows.length);
  while (rows.length > 0) {
    const answer = await context.gradient("margin-targeted", rows, x, { targets: gather(targets, rows, 1) });
    for (const [place, row] of rows.entries()) {
      const won = marginOf(context, row, answer.scores.subarray(place * classes)) < 0;
      const here = x.subarray(place * rowSize, (place + 1) * rowSize);
      const example = batch.x.subarray(row * rowSize, (row + 1) * rowSize);
      if (made[place] === steps) made[place] = over;
      else if (won && drawn[place] === 0) {
        for (let i = 0; i < rowSize; i++) here[i] = example[i]! + (here[i]! - example[i]!) * backward;
        drawn[place] = 1;
      } else {
        step(here, example, { lead: answer.loss[place]!, w: answer.gradient.subarray(place * rowSize, (place + 1) * rowSize) });
        made[place]!++;
        drawn[place] = 0;
      }
    }
    yield;
    const places = keep(rows, context.standing(rows.filter((_, place) => made[place] !== over)));
    if (places === undefined) continue;
    [rows, x, made, drawn] = [
      gather(rows, places, 1),
      gather(x, places, rowSize),
      gather(made, places, 1),
      gather(drawn, places, 1),
    ];
  }
}

/** Marks a row that has been looked at after its last step. */
const over = -1;

/** Random points half as far as the nearest wrong answer known, or as the radius. */
function randomStarts({ batch, room, rng, rowSize, epsilon, nearest }: AttackContext, rows: Int32Array): Float32Array {
  const x = new Float32Array(rows.length * rowSize);
  for (const [place, row] of rows.entries()) {
    const radius = Math.min(nearest(row).distance, epsilon) / 2;
    x.set(randomPoint(room, batch.x, { origin: row * rowSize, epsilon: radius }, rng), place * rowSize);
  }
  return x;
}
