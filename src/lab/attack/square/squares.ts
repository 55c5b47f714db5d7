/** The runner's side of a search over patches: several rounds in one question, counted and judged one by one as if they had been asked so. */
import { boxesAround } from "../box.ts";
import type { AttackContext } from "../context.ts";
import { leadOf } from "../lead.ts";
import type { Play } from "../play.ts";
import { gather } from "../rows.ts";
import { decisions, realClasses } from "../target.ts";
import type { SquareAnswer } from "./question.ts";

/** How many rounds one question has at most: rows that fall in its middle are computed to its end. */
const longest = 25;

/** Rounds of the next question of a search that has asked so often: few at first, when many rows fall. */
export const roundsAt = (query: number): number => Math.min(longest, Math.max(1, query));

/**
 * Undefined where rounds must be asked one by one: the set that points may be in is no box, a lead is wanted and not the first wrong answer, or
 * nobody but the model itself may answer.
 */
export function createSquares(play: Play, part: string): AttackContext["squares"] {
  const { target, batch, repair, examples, ledger, signal } = play;
  const { room } = repair;
  const squares = target.scores?.squares;
  const boxed = room.norm === "linf" && repair.free && Number.isFinite(play.radius);
  if (squares === undefined || !boxed || play.byLead || realClasses(target) < 2) return undefined;
  const boxes = boxesAround(room, batch, play.radius);
  return async (rows, from, patchesFor) => {
    play.check();
    const asked = rows.map((row) => examples[row]!);
    const most = ledger.rounds("queries", asked);
    // What is left goes to some of the rows: that is for who asks one by one.
    if (most === 0) return undefined;
    const patches = patchesFor(most);
    const rounds = ledger.spendRounds("queries", asked, patches.tall.length);
    const classes = { labels: gather(batch.labels, rows, 1), targets: batch.targets && gather(batch.targets, rows, 1) };
    const feed = { ...patches, ...classes, ...boxes(rows) };
    const answer = await squares(batch.targets === undefined ? "margin" : "lead-targeted", from, feed, { signal });
    record(play, { part, rows, rounds, answer });
    return { ...answer, rounds };
  };
}

interface Made {
  readonly part: string;
  readonly rows: Int32Array;
  readonly rounds: number;
  readonly answer: SquareAnswer;
}

/** Looks at the rounds in turn. A row that falls stays where it fell, so its last point is the one that was answered wrongly. */
function record({ judge, target, batch, examples }: Play, { part, rows, rounds, answer }: Made): void {
  const labels = decisions(answer.scores, target.classes);
  for (const [place, row] of rows.entries()) {
    const example = examples[row]!;
    for (let at = place * rounds; at < (place + 1) * rounds; at++) {
      const label = labels[at]!;
      if (label === -1) judge.findings.nonFinite++;
      if (!judge.wins(example, label)) continue;
      const seen = { scores: answer.scores, classes: target.classes, row: at, refusal: target.refusal };
      // Of two classes with the same logit the first is the answer, but no step up.
      if (!(leadOf({ ...seen, label: batch.labels[row]!, target: batch.targets?.[row] }) > 0)) continue;
      judge.see(example, { label, x: answer.x, at: place * target.rowSize, part });
      break;
    }
  }
}
