/** From suspicions of harmless examples to a threshold that few harmless examples pass, with a confidence. */
import { upperBound } from "../../../base/math/index.ts";
import { badOption } from "../refuse.ts";
import type { DetectorRecord } from "../front/record.ts";

/** What is asked of a threshold. */
export interface CalibrationGoal {
  /** Share of harmless inputs that may be refused, at most. */
  readonly rate: number;
  /** Chance that the threshold keeps that promise, over the draw of the examples. Default 0.95. */
  readonly confidence?: number;
}

export type Calibrated = Pick<DetectorRecord, "threshold" | "calibration">;

/**
 * The lowest threshold whose false-positive rate is at most `rate` with the confidence. Of n sorted suspicions the (n − k)-th is taken, k as large
 * as the Clopper–Pearson bound allows. That bound holds although the same examples choose the threshold: k follows from n alone, and the share of
 * all harmless inputs above an order statistic is Beta(k + 1, n − k) distributed whatever the suspicions' own distribution (Wilks 1941, "Determination
 * of sample sizes for setting tolerance limits"), which is the distribution that the bound is a quantile of. Ties only make it rarer.
 * @throws defend/bad-option when there are too few examples for the promise, or a suspicion is no number
 * @example
 * const { threshold } = calibrate(suspicions, { rate: 0.05 });
 */
export function calibrate(suspicions: ArrayLike<number>, { rate, confidence = 0.95 }: CalibrationGoal): Calibrated {
  if (!(rate > 0 && rate < 1)) throw badOption(`a false-positive rate of ${rate}`, "between 0 and 1, for example --fpr 0.05");
  if (!(confidence > 0.5 && confidence < 1))
    throw badOption(`a confidence of ${confidence}`, "above 0.5 and below 1, for example 0.95");
  const sorted = Float64Array.from(suspicions).sort();
  const n = sorted.length;
  if (!sorted.every(Number.isFinite))
    throw badOption("the detector gave no number for a harmless example", "look at the data, or take another detector");
  const alpha = 1 - confidence;
  const boundAt = (k: number): number => upperBound(k, n, alpha);
  if (n === 0 || boundAt(0) > rate) {
    const least = Math.ceil(Math.log(alpha) / Math.log1p(-rate));
    throw badOption(
      `${n} harmless examples are too few for a false-positive rate of ${rate}`,
      `give at least ${least}, or allow a higher rate`,
    );
  }
  let [k, none] = [0, n];
  while (none - k > 1) {
    const middle = (k + none) >> 1;
    if (boundAt(middle) <= rate) k = middle;
    else none = middle;
  }
  const threshold = sorted[n - 1 - k]!;
  const exceeding = sorted.reduce((count, value) => count + (value > threshold ? 1 : 0), 0);
  return { threshold, calibration: { rate, bound: boundAt(k), confidence, n, exceeding } };
}
