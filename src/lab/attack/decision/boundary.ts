/** What attacks that see only labels have in common: a first wrong answer, and the way from it to the boundary. */
import type { AttackContext } from "../context.ts";
import { uniform } from "../noise.ts";
import { gather, scatter } from "../rows.ts";

/** Wrong answers to begin with: rows that have one, and a point for each. */
export interface Starts {
  readonly rows: Int32Array;
  readonly x: Float32Array;
}

/**
 * Looks for wrong answers: other examples of the batch, then random numbers between the bounds, mixed ever more strongly into the example
 * (Brendel et al. 2018, section 3.1, blends in noise). Rows for which nothing was found are left out.
 */
export async function findStarts(context: AttackContext, tries: number): Promise<Starts> {
  const { batch, rowSize } = context;
  const points = new Float32Array(batch.size * rowSize);
  const done = new Set<number>();
  for (let round = 0; round < tries; round++) {
    const rows = context.standing().filter((row) => !done.has(row));
    if (rows.length === 0) break;
    const x = new Float32Array(rows.length * rowSize);
    for (const [place, row] of rows.entries()) x.set(candidate(context, row, { round, tries }), place * rowSize);
    const labels = await context.decide(rows, x);
    for (const [place, row] of rows.entries()) {
      if (!context.wins(row, labels[place]!)) continue;
      done.add(row);
      points.set(x.subarray(place * rowSize, (place + 1) * rowSize), row * rowSize);
    }
  }
  const rows = Int32Array.from([...done].toSorted((a, b) => a - b));
  return { rows, x: gather(points, rows, rowSize) };
}

function candidate(
  { batch, room, rng, rowSize }: AttackContext,
  row: number,
  at: { readonly round: number; readonly tries: number },
): Float32Array {
  const own = batch.x.subarray(row * rowSize, (row + 1) * rowSize);
  if (at.round % 2 === 0 && batch.size > 1) {
    const other = (row + 1 + rng.below(batch.size - 1)) % batch.size;
    return batch.x.slice(other * rowSize, (other + 1) * rowSize);
  }
  const share = (at.round + 1) / at.tries;
  return own.map((value, i) => {
    const [low, high] = [room.low[i]!, room.high[i]!];
    const noise =
      Number.isFinite(low) && Number.isFinite(high)
        ? uniform(rng, low, high)
        : value + uniform(rng, -1, 1) * (1 + Math.abs(value)) * 2 ** at.round;
    return value + share * (noise - value);
  });
}

/**
 * Points on the boundary between each example and a wrong answer, a little on the wrong side, by bisection. For linf the way is that of
 * clipping to a shrinking ball (Chen et al. 2020, algorithm 2), else a straight line.
 */
export async function toBoundary(context: AttackContext, { rows, x }: Starts, precision: number): Promise<Float32Array> {
  const { batch, rowSize, room } = context;
  const best = x.slice();
  const clipping = room.norm === "linf";
  const low = new Float64Array(rows.length);
  const high = new Float64Array(rows.length);
  for (const [place, row] of rows.entries()) high[place] = clipping ? largest(context, x.subarray(place * rowSize), row) : 1;
  const least = high.map((value) => value * precision);
  for (let round = 0; round < 50; round++) {
    const places = [...rows.keys()].filter((place) => high[place]! - low[place]! > least[place]!);
    const asked = context.standing(gather(rows, places, 1));
    if (asked.length === 0) break;
    const wanted = new Set(asked);
    const open = places.filter((place) => wanted.has(rows[place]!));
    const middle = open.map((place) => (low[place]! + high[place]!) / 2);
    const points = new Float32Array(open.length * rowSize);
    for (const [i, place] of open.entries()) {
      for (let k = 0; k < rowSize; k++) {
        const from = batch.x[rows[place]! * rowSize + k]!;
        const change = x[place * rowSize + k]! - from;
        points[i * rowSize + k] = from + (clipping ? Math.min(Math.max(change, -middle[i]!), middle[i]!) : change * middle[i]!);
      }
    }
    const labels = await context.decide(gather(rows, open, 1), points);
    for (const [i, place] of open.entries()) {
      if (context.wins(rows[place]!, labels[i]!)) {
        high[place] = middle[i]!;
        scatter(best, [place], points.subarray(i * rowSize, (i + 1) * rowSize), rowSize);
      } else low[place] = middle[i]!;
    }
  }
  return best;
}

function largest({ batch, rowSize }: AttackContext, x: Float32Array, row: number): number {
  let most = 0;
  for (let i = 0; i < rowSize; i++) most = Math.max(most, Math.abs(x[i]! - batch.x[row * rowSize + i]!));
  return most;
}

/** The l2 length of x − example. */
export function farL2({ batch, rowSize }: AttackContext, x: Float32Array, row: number): number {
  let total = 0;
  for (let i = 0; i < rowSize; i++) total += (x[i]! - batch.x[row * rowSize + i]!) ** 2;
  return Math.sqrt(total);
}
