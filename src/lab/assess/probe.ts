/**
 * What is measured of a model before anybody believes an attack on it: are its answers steady, are its gradients there, do they tell the
 * truth about the loss nearby. (Indicators of attack failure, Pintor et al. 2022, arXiv:2106.09947; Athalye et al. 2018, arXiv:1802.00420.)
 */
import type { Seeded } from "../../base/math/index.ts";
import { gatherRows, leastProbability } from "../attack/index.ts";
import type { AttackTarget, Bounds, LossAnswer } from "../attack/index.ts";
import { scoresBeside } from "./beside.ts";

export interface Probe {
  /** Examples looked at. */
  readonly examples: number;
  /** Largest difference of one example's logits over five questions, relative to their spread; 0 for a model that answers steadily. */
  readonly unsteady: number;
  /** Answers that are no numbers. */
  readonly nonFiniteAnswers: number;
  /** The rows' scores lie in 0 … 1 and sum to 1: probabilities, not logits. */
  readonly probabilities: boolean;
  /** Share of rows whose largest score leads all others by as much as the logarithm of a probability can fall: nothing is left to climb. */
  readonly saturated: number;
  /** Median of the largest score minus the second largest. */
  readonly margin: number;
  /** Undefined when the target gives no gradient. */
  readonly gradient: GradientProbe | undefined;
}

export interface GradientProbe {
  /** Shares of examples whose gradient is zero everywhere, by loss, at the example; that of the margin also a step away. */
  readonly zeroCrossEntropy: number;
  readonly zeroMargin: number;
  /** Share of examples with a number in their gradient that is none. */
  readonly nonFinite: number;
  /** Median over the examples of the rise of the loss after a small step along the gradient's sign, over the rise the gradient promised. */
  readonly kept: number;
  /** Median cosine between the gradient at an example and that a small random step away. */
  readonly agreement: number;
  /** Share of points whose scores beside the gradient are not those that the model gives. */
  readonly otherScores: number;
}

interface ProbeOptions {
  readonly target: AttackTarget;
  readonly x: Float32Array;
  readonly labels: Int32Array;
  readonly bounds: Bounds;
  /** About how far an attack goes in one value. */
  readonly reach: number;
  /** The loss whose slope is believed or not: one without a kink at the examples. Default: the margin. */
  readonly smooth?: "margin" | "cross-entropy" | undefined;
  readonly rng: Seeded;
  readonly signal?: AbortSignal | undefined;
}

/** Looks at the first examples, at most 48. */
export async function probeTarget({ target, x, labels, reach, rng, signal, ...rest }: ProbeOptions): Promise<Probe> {
  const count = Math.min(48, labels.length);
  const rows = { x: x.slice(0, count * target.rowSize), count };
  const steady = target.scores === undefined ? undefined : await steadiness(target, rows, signal);
  const gradient =
    target.whiteBox === undefined || target.scores === undefined
      ? undefined
      : await probeGradient({
          ...rest,
          target,
          x: rows.x,
          labels: labels.slice(0, count),
          reach,
          rng,
          signal,
          unsteady: steady!.unsteady,
        });
  return {
    examples: count,
    ...(steady ?? { unsteady: 0, nonFiniteAnswers: 0, probabilities: false, saturated: 0, margin: Number.NaN }),
    gradient,
  };
}

// What rounding leaves of log 1 − log 10⁻³⁰.
const saturation = -Math.log(leastProbability) - 0.01;

async function steadiness(
  target: AttackTarget,
  rows: { x: Float32Array; count: number },
  signal: AbortSignal | undefined,
): Promise<Omit<Probe, "examples" | "gradient">> {
  const answers: Float32Array[] = [];
  for (let i = 0; i < 5; i++) answers.push(await target.scores!(rows, { signal }));
  const [first] = answers;
  const { classes } = target;
  let [unsteady, nonFiniteAnswers, probabilities] = [0, 0, true];
  const margins: number[] = [];
  for (let row = 0; row < rows.count; row++) {
    const scores = first!.subarray(row * classes, (row + 1) * classes);
    if (!scores.every(Number.isFinite)) {
      nonFiniteAnswers++;
      continue;
    }
    const sorted = Float64Array.from(scores).sort().toReversed();
    const spread = Math.max(sorted[0]! - sorted.at(-1)!, 1e-12);
    margins.push(sorted[0]! - sorted[1]!);
    const sum = scores.reduce((a, b) => a + b, 0);
    if (sorted[0]! > 1 + 1e-5 || sorted.at(-1)! < -1e-5 || Math.abs(sum - 1) > 1e-5) probabilities = false;
    for (const other of answers)
      for (let k = 0; k < classes; k++) unsteady = Math.max(unsteady, Math.abs(other[row * classes + k]! - scores[k]!) / spread);
  }
  return {
    unsteady,
    nonFiniteAnswers,
    probabilities: probabilities && margins.length > 0,
    saturated: margins.filter((lead) => lead >= saturation).length / Math.max(1, margins.length),
    margin: median(margins),
  };
}

async function probeGradient({
  target,
  x,
  labels,
  bounds,
  reach,
  rng,
  signal,
  unsteady,
  smooth = "margin",
}: ProbeOptions & { readonly unsteady: number }): Promise<GradientProbe> {
  const { rowSize } = target;
  const count = labels.length;
  const ask = (loss: "cross-entropy" | "margin", at: Float32Array): Promise<LossAnswer> =>
    target.whiteBox!.gradient(loss, { x: at, count }, { labels }, { signal });
  const [crossEntropy, margin] = [await ask("cross-entropy", x), await ask("margin", x)];
  const before = smooth === "margin" ? margin : crossEntropy;
  const step = reach / 20;
  const room = (i: number, side: "low" | "high"): number =>
    typeof bounds[side] === "number" ? bounds[side] : bounds[side][i % rowSize]!;
  const clip = (value: number, i: number): number => Math.min(room(i, "high"), Math.max(room(i, "low"), value));
  const along = x.map((value, i) => clip(value + step * Math.sign(before.gradient[i]!), i));
  const aside = x.map((value, i) => clip(value + step * (rng.unit() < 0.5 ? -1 : 1), i));
  const [after, nearby] = [await ask(smooth, along), await ask(smooth, aside)];
  // Each row's place is given to the next one's example, a step away: scores of another question cannot seem near.
  const moved = Float32Array.from({ length: x.length }, (_, i) => aside[(i + rowSize) % x.length]!);
  const said = [
    { rows: { x, count }, answer: margin },
    { rows: { x: along, count }, answer: after },
    { rows: { x: moved, count }, answer: await ask(smooth, moved) },
  ];
  const kept: number[] = [];
  const cosines: number[] = [];
  for (let row = 0; row < count; row++) {
    const at = row * rowSize;
    let promised = 0;
    for (let i = at; i < at + rowSize; i++) promised += before.gradient[i]! * (along[i]! - x[i]!);
    if (promised > 0) kept.push((after.loss[row]! - before.loss[row]!) / promised);
    const cosine = cosineOf(before.gradient.subarray(at, at + rowSize), nearby.gradient.subarray(at, at + rowSize));
    if (!Number.isNaN(cosine)) cosines.push(cosine);
  }
  const share = (test: (part: Float32Array) => boolean, answer: LossAnswer): number =>
    Array.from({ length: count }, (_, row) => test(answer.gradient.subarray(row * rowSize, (row + 1) * rowSize))).filter(Boolean)
      .length / count;
  const zero = (part: Float32Array): boolean => part.every((value) => value === 0);
  const broken = (part: Float32Array): boolean => !part.every(Number.isFinite);
  return {
    zeroCrossEntropy: share(zero, crossEntropy),
    // Also a step away: a gradient that is there at first only stops an attack as well.
    zeroMargin: Math.max(share(zero, margin), share(zero, after), share(zero, nearby)),
    nonFinite: Math.max(share(broken, crossEntropy), share(broken, margin)),
    kept: median(kept),
    agreement: median(cosines),
    otherScores: await scoresBeside(target, said, { unsteady, signal }),
  };
}

function cosineOf(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return dot / Math.sqrt(aa * bb);
}

/** The middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Of the examples those that the model gets right, at most `most`. */
export function rightOnes(
  clean: Uint8Array,
  given: { x: Float32Array; labels: Int32Array; width: number },
  most: number,
): { x: Float32Array; labels: Int32Array; examples: Int32Array } {
  const examples = Int32Array.from(clean.keys())
    .filter((example) => clean[example] === 1)
    .slice(0, most);
  return { examples, x: gatherRows(given.x, examples, given.width), labels: examples.map((example) => given.labels[example]!) };
}
