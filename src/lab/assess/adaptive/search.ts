/**
 * A random search that begins where an attack by gradients ended. On a surface of steps and jumps a slope leads near the edge and not over it:
 * what is left to gain lies in which side of its jump each value ends on, and only answers tell. The best point is changed in a window, by any
 * size from a thousandth of the radius to all of it, and the change is kept where the right class loses by it ((1+1) evolution, as in
 * Andriushchenko et al. 2020, arXiv:1912.00049, from another start).
 */
import { gatherRows, leadOf } from "../../attack/index.ts";
import type { Attack, AttackContext } from "../../attack/index.ts";

/** The best point of each row. */
interface Best {
  readonly x: Float32Array;
  readonly lead: Float64Array;
  /** Takes in what is better. */
  see(rows: Int32Array, x: Float32Array, scores: Float32Array): void;
}

/** The attack, then so many questions around the best point it met. */
export function thenSearch(attack: Attack, queries: number): Attack {
  return {
    ...attack,
    title: `${attack.title}, then a random search from its best points`,
    async *run(context) {
      const best = bestOf(context);
      const noting: AttackContext = {
        ...context,
        climb: undefined,
        async gradient(loss, rows, x, feed) {
          const answer = await context.gradient(loss, rows, x, feed);
          best.see(rows, x, answer.scores);
          return answer;
        },
      };
      yield* attack.run(noting);
      for (let query = 0; query < queries; query++) {
        const rows = context.standing();
        if (rows.length === 0) return;
        const tried = gatherRows(best.x, rows, context.rowSize);
        for (let at = 0; at < tried.length; at += context.rowSize) change(tried.subarray(at, at + context.rowSize), context);
        best.see(rows, tried, await context.scores(rows, tried));
        yield;
      }
    },
  };
}

function bestOf({ batch, classes, refusal, rowSize }: AttackContext): Best {
  const x = batch.x.slice();
  const lead = new Float64Array(batch.size).fill(-Infinity);
  return {
    x,
    lead,
    see(rows, points, scores) {
      for (const [i, row] of rows.entries()) {
        const now = leadOf({ scores, classes, row: i, label: batch.labels[row]!, target: batch.targets?.[row], refusal });
        if (!(now > lead[row]!)) continue;
        lead[row] = now;
        x.set(points.subarray(i * rowSize, (i + 1) * rowSize), row * rowSize);
      }
    },
  };
}

/** Sizes and shares are drawn evenly by their order of magnitude. */
const evenly = (rng: AttackContext["rng"], least: number, most: number): number => least * (most / least) ** rng.unit();

/** Changes a run of values in each line of the example's window; the question that follows brings them back into the ball. */
function change(x: Float32Array, { rng, epsilon, rowDims, room }: AttackContext): void {
  const width = rowDims.at(-1) ?? 1;
  const lines = x.length / width;
  // Twice the radius takes a value from one side of the ball to the other.
  const size = evenly(rng, 1e-3, 2) * (room.norm === "linf" ? epsilon : epsilon / Math.sqrt(x.length));
  const [tall, wide] = [lines, width].map((most) => Math.round(evenly(rng, 1, most)));
  const [top, left] = [rng.below(lines - tall! + 1), rng.below(width - wide! + 1)];
  const together = rng.unit() < 0.5 ? (rng.unit() < 0.5 ? -1 : 1) : undefined;
  for (let line = top; line < top + tall!; line++)
    for (let i = line * width + left; i < line * width + left + wide!; i++) x[i]! += size * (together ?? 2 * rng.unit() - 1);
}
