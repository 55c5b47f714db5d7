/** The runner's side of a climb: several steps of an attack in one question, counted and judged one by one as if they had been asked so. */
import { boxesAround } from "./box.ts";
import type { AttackContext } from "./context.ts";
import type { Play } from "./play.ts";
import { gather } from "./rows.ts";
import { decisions } from "./target.ts";
import type { ClimbAnswer } from "./target.ts";

/** How many steps a climb makes at most: rows that fall in its middle are computed to its end. */
const longest = 8;

/** Steps of the next climb of an attack that has made so many: few at first, when many rows fall. */
export const strideAt = (step: number): number => Math.min(longest, Math.max(1, step));

/**
 * Undefined where steps must be asked one by one: the set that points may be in is no box, or more is wanted than the first wrong answer, at which
 * a climb stops: a certain class, a lead, or to get past a detector as well.
 */
export function createClimb(play: Play, part: string): AttackContext["climb"] {
  const { target, batch, repair, examples, ledger, signal } = play;
  const { room } = repair;
  const climb = target.whiteBox?.climb;
  const boxed = room.norm === "linf" && repair.free && Number.isFinite(play.radius);
  const first = batch.targets === undefined && !play.byLead && target.refusal === undefined;
  if (climb === undefined || !boxed || !first) return undefined;
  const boxes = boxesAround(room, batch, play.radius);
  return async (loss, rows, from, { steps, targets, ...how }) => {
    play.check();
    const asked = rows.map((row) => examples[row]!);
    const made = ledger.spendRounds("gradients", asked, steps);
    const labels = gather(batch.labels, rows, 1);
    const answer = await climb(loss, from, { ...how, ...boxes(rows), labels, targets, steps: made, examples: asked }, { signal });
    record(play, { part, asked, made, answer });
    return { ...answer, steps: made };
  };
}

interface Made {
  readonly part: string;
  readonly asked: Int32Array;
  readonly made: number;
  readonly answer: ClimbAnswer;
}

/** Looks at the steps in turn. A row that falls stays where it fell, so its last point is the one that was answered wrongly. */
function record({ judge, evidence, target }: Play, { part, asked, made, answer }: Made): void {
  const labels = decisions(answer.scores, target.classes);
  let alive = [...asked.keys()];
  for (let step = 0; step < made; step++) {
    evidence.loss(
      Int32Array.from(alive, (place) => asked[place]!),
      Float32Array.from(alive, (place) => answer.losses[place * made + step]!),
    );
    alive = alive.filter((place) => {
      const label = labels[place * made + step]!;
      return !judge.see(asked[place]!, { label, x: answer.x, at: place * target.rowSize, part });
    });
  }
}
