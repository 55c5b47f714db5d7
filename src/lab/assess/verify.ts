/** Every wrong answer is asked for once more, of the model itself, and every perturbation measured again: a figure nobody can argue down. */
import { distance, gatherRows, narrowed } from "../attack/index.ts";
import type { AttackTarget, Norm, Room, Rows } from "../attack/index.ts";
import { averagedScores } from "./adaptive/views.ts";
import { pushOut, radiusOf } from "./push.ts";
import type { Standings } from "./standings.ts";

/** What was found when the worst cases of one norm were looked at again. */
export interface Verified {
  readonly norm: Norm;
  readonly checked: number;
  /** Farther than the radius they were counted at, or outside the bounds. */
  readonly outside: number;
  /** Answered rightly when asked again, and taken back. */
  readonly unconfirmed: number;
}

interface VerifyOptions {
  readonly target: AttackTarget;
  readonly room: Room;
  readonly x: Float32Array;
  readonly labels: Int32Array;
  /** Those to look at; all when absent. */
  readonly examples?: Int32Array | undefined;
  /** Questions to a random model for each point; 1 for a steady one. */
  readonly draws: number;
  /** A wrong class must lead by twice the error of the average: a lead that chance made does not hold the next time. */
  readonly surely?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Checks the nearest wrong answer of each example that has one; takes back what the model does not repeat. */
export async function verify(
  standings: Standings,
  { target, room, x, labels, draws, surely = false, signal, examples = Int32Array.from(standings.clean.keys()) }: VerifyOptions,
): Promise<Verified> {
  const { rowSize } = target;
  const moved = examples.filter((i) => standings.clean[i] === 1 && Number.isFinite(standings.distance[i]!));
  const points = new Float32Array(moved.length * rowSize);
  for (const [i, example] of moved.entries())
    points.set(standings.nearest.subarray(example * rowSize, (example + 1) * rowSize), i * rowSize);
  let outside = 0;
  const most = largest(room);
  for (const [i, example] of moved.entries()) {
    const far = distance(room, points, x, { x: i * rowSize, origin: example * rowSize });
    const radius = radiusOf(standings, example);
    // A float32 rounds in its seventh digit: farther than that is farther.
    if (far > radius * (1 + 1e-5) + 1e-6 * most || !within(room, points, i * rowSize)) outside++;
  }
  const ask = (on: AttackTarget, at: Float32Array, of: Int32Array): Promise<Uint8Array> =>
    stillWrong(on, { points: at, count: of.length, draws, surely, wanted: of.map((i) => labels[i]!), signal });
  const wrong = moved.length === 0 ? new Uint8Array() : await ask(narrowed(target, moved), points, moved);
  const shaken = moved.filter((_, i) => wrong[i] === 0);
  const unconfirmed = draws > 1 ? shaken : await pushOut(standings, { target, room, x, examples: shaken, wrong: ask });
  for (const example of unconfirmed) takeBack(standings, example, x.subarray(example * rowSize, (example + 1) * rowSize));
  return { norm: standings.norm, checked: moved.length, outside, unconfirmed: unconfirmed.length };
}

interface Asked {
  readonly points: Float32Array;
  readonly count: number;
  readonly draws: number;
  readonly surely: boolean;
  readonly wanted: Int32Array;
  readonly signal: AbortSignal | undefined;
}

/** For each point 1 where the answer is wrong. Where the lead is within its error, a random model is asked again, more often each time. */
async function stillWrong(target: AttackTarget, { surely, ...asked }: Asked): Promise<Uint8Array> {
  const { points, count, draws, wanted } = asked;
  const wrong = new Uint8Array(count);
  let open: Int32Array = Int32Array.from({ length: count }, (_, i) => i);
  for (let times = 1; open.length > 0; times *= 4) {
    const leads = await leadsOf(target, {
      ...asked,
      points: gatherRows(points, open, target.rowSize),
      count: open.length,
      examples: open,
      wanted: open.map((i) => wanted[i]!),
      draws: draws * times,
    });
    for (const [k, i] of open.entries()) {
      const { lead, error } = leads[k]!;
      wrong[i] = lead >= (surely ? 2 * error : 0) ? 1 : 0;
    }
    if (times === mostTimes) break;
    open = open.filter((_, k) => Math.abs(leads[k]!.lead) < 2 * leads[k]!.error);
  }
  return wrong;
}

/** So many times as many draws decide at last. */
const mostTimes = 16;

/** By how much the best wrong class leads on average, and how far that average may be off. */
async function leadsOf(
  target: AttackTarget,
  { points, count, examples, draws, wanted, signal }: Omit<Asked, "surely"> & Pick<Rows, "examples">,
): Promise<readonly { readonly lead: number; readonly error: number }[]> {
  const { classes, refusal } = target;
  const parts = draws > 1 ? batches : 1;
  const answers: Float32Array[] = [];
  for (let part = 0; part < parts; part++)
    answers.push(await averagedScores(target, Math.ceil(draws / parts))({ x: points, count, examples }, { signal }));
  const scores = answers[0]!.map((_, k) => answers.reduce((sum, answer) => sum + answer[k]!, 0) / parts);
  return Array.from(wanted, (label, i) => {
    const leadIn = (all: Float32Array, rival: number): number => {
      const row = all.subarray(i * classes, (i + 1) * classes);
      return row[rival]! - (refusal === undefined ? row[label]! : Math.max(row[label]!, row[refusal]!));
    };
    const row = scores.subarray(i * classes, (i + 1) * classes);
    if (row.some(Number.isNaN)) return { lead: -Infinity, error: 0 };
    const rivals = Array.from(row.keys()).filter((k) => k !== label && k !== refusal);
    const rival = rivals.reduce((best, k) => (row[k]! > row[best]! ? k : best), rivals[0]!);
    const lead = leadIn(scores, rival) || (rival < label ? 0 : tied);
    return { lead, error: parts === 1 ? 0 : errorOf(answers.map((answer) => leadIn(answer, rival))) };
  });
}

/** A rival with the same score as the label, and behind it: the first of equals is the answer. Quantised scores are equal often. */
const tied = -Number.MIN_VALUE;

/** In so many batches draws are asked for, so that they say how far their average may be trusted. */
const batches = 8;

/** The standard error of a mean. */
function errorOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return Math.sqrt(square / values.length);
}

function takeBack(standings: Standings, example: number, x: Float32Array): void {
  standings.distance[example] = Infinity;
  standings.nearest.set(x, example * x.length);
  for (const [level, fallen] of standings.fallen.entries()) {
    fallen[example] = 0;
    standings.brokenBy[level]![example] = null;
  }
}

const largest = ({ low, high }: Room): number =>
  [low, high]
    .flatMap((side) => [...side])
    .reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 1);

function within({ low, high, rowSize }: Room, x: Float32Array, at: number): boolean {
  for (let i = 0; i < rowSize; i++) if (!(x[at + i]! >= low[i]! && x[at + i]! <= high[i]!)) return false;
  return true;
}
