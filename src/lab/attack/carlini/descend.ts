/** The runner's side of a descent: several of its steps in one question, counted and judged one by one as if they had been asked so. */
import type { AttackContext } from "../context.ts";
import type { Play } from "../play.ts";
import { gather } from "../rows.ts";
import { decisions } from "../target.ts";
import type { DescentAnswer } from "./question.ts";
import { tanhBounds } from "./tanh-space.ts";

/** How many steps one question makes at most: longer ones save nothing more, and a run that is cancelled waits for their end. */
export const longestDescent = 25;

/**
 * Undefined where steps must be asked one by one: some number has no bounds, changes cost differently, more rules hold of a point than its bounds,
 * or the surest wrong answer is wanted in place of the nearest.
 */
export function createDescend(play: Play, part: string): AttackContext["descend"] {
  const { target, batch, repair, examples, ledger, signal } = play;
  const descend = target.whiteBox?.descend;
  const bounds = tanhBounds(repair.room);
  const plain = repair.free && repair.room.costs === undefined && !Number.isFinite(play.radius) && !play.byLead;
  if (descend === undefined || bounds === undefined || !plain) return undefined;
  return async (loss, rows, from, { rates, ...how }) => {
    play.check();
    const asked = rows.map((row) => examples[row]!);
    const made = ledger.spendRounds("gradients", asked, rates.length);
    const labels = gather(batch.labels, rows, 1);
    const targets = batch.targets && gather(batch.targets, rows, 1);
    const feed = { ...how, labels, targets, bounds, rates: rates.subarray(0, made) };
    const answer = await descend(loss, from, feed, { signal });
    record(play, { part, asked, made, answer });
    return { ...answer, steps: made };
  };
}

interface Made {
  readonly part: string;
  readonly asked: Int32Array;
  readonly made: number;
  readonly answer: DescentAnswer;
}

/** The point that came back is that of the first step that was nearest of those with a loss above 0; only it can be the nearest of all. */
function record({ judge, evidence, target }: Play, { part, asked, made, answer }: Made): void {
  const labels = decisions(answer.scores, target.classes);
  for (let step = 0; step < made; step++)
    evidence.loss(
      asked,
      Float32Array.from(asked, (_, place) => answer.losses[place * made + step]!),
    );
  for (const [place, example] of asked.entries()) {
    let nearest = -1;
    for (let at = place * made; at < (place + 1) * made; at++) {
      if (labels[at] === -1) judge.findings.nonFinite++;
      else if (answer.losses[at]! > 0 && (nearest < 0 || answer.far[at]! < answer.far[nearest]!)) nearest = at;
    }
    if (nearest >= 0) judge.see(example, { label: labels[nearest]!, x: answer.best, at: place * target.rowSize, part });
  }
}
