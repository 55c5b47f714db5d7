/** Questions for those rows that the budget allows; what is not asked has no answer. */
import { gather, scatter } from "./rows.ts";
import type { AttackTarget, LossAnswer, LossFeed, LossKind, Rows } from "./target.ts";

/** A label that was not asked for is none. INVARIANT: −2, unlike the −1 of an answer that is no number, is not counted as one. */
export const judged = (allowed: Uint8Array, labels: Int32Array): Int32Array =>
  allowed.includes(0) ? labels.map((label, i) => (allowed[i] === 0 ? -2 : label)) : labels;

/** Asks for the rows that may be asked; the others get `empty`. */
export async function onlyAllowed<T extends Float32Array | Int32Array>(
  allowed: Uint8Array,
  { x, of, width, empty }: { readonly x: Float32Array; readonly of: Int32Array; readonly width: number; readonly empty: number },
  ask: (rows: Rows & { readonly examples: Int32Array }) => Promise<T>,
): Promise<T> {
  if (!allowed.includes(0)) return ask({ x, count: allowed.length, examples: of });
  const places = placesOf(allowed);
  const whole = (empty === -1 ? new Int32Array(allowed.length) : new Float32Array(allowed.length * width)).fill(empty) as T;
  if (places.length === 0) return whole;
  const some = { x: gather(x, places, x.length / allowed.length), count: places.length, examples: gather(of, places, 1) };
  return scatter(whole, places, await ask(some), width);
}

const placesOf = (allowed: Uint8Array): number[] => [...allowed.keys()].filter((i) => allowed[i] === 1);

/** A gradient question for the rows that may be asked; the others get a gradient of zero and a loss that is no number. */
export async function allowedGradient(
  { target, signal }: { readonly target: AttackTarget; readonly signal: AbortSignal | undefined },
  question: {
    readonly loss: LossKind;
    readonly x: Float32Array;
    readonly of: Int32Array;
    readonly feed: LossFeed;
    readonly allowed: Uint8Array;
  },
): Promise<LossAnswer> {
  const { loss, x, of, feed, allowed } = question;
  const box = target.whiteBox!;
  if (!allowed.includes(0)) return box.gradient(loss, { x, count: allowed.length, examples: of }, feed, { signal });
  const places = placesOf(allowed);
  const whole = {
    loss: new Float32Array(allowed.length).fill(NaN),
    gradient: new Float32Array(x.length),
    scores: new Float32Array(allowed.length * target.classes).fill(NaN),
  };
  if (places.length === 0) return whole;
  const part: LossFeed = {
    labels: gather(feed.labels, places, 1),
    targets: feed.targets && gather(feed.targets, places, 1),
    weights: feed.weights && gather(feed.weights, places, target.classes),
  };
  const asked = { x: gather(x, places, target.rowSize), count: places.length, examples: gather(of, places, 1) };
  const answer = await box.gradient(loss, asked, part, { signal });
  scatter(whole.loss, places, answer.loss, 1);
  scatter(whole.gradient, places, answer.gradient, target.rowSize);
  scatter(whole.scores, places, answer.scores, target.classes);
  return whole;
}
