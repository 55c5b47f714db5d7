/** How sure a share is that was counted: exact and approximate intervals, and tests, for k successes of n. */
import { ModelkeepError } from "../error/index.ts";
import type {} from "./errors.ts";
import { betaQuantile, normalQuantile, regularizedBeta } from "./special.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
  /** How often such an interval holds the truth, 0.95 for 95 %. */
  readonly level: number;
}

/**
 * The exact interval of a share (Clopper and Pearson 1934, Biometrika 26:404): holds the truth at least as often as it says, for any n.
 *
 * @throws math/bad-count
 * @example clopperPearson(990, 1000); // { low: 0.98169…, high: 0.99519…, level: 0.95 }
 */
export function clopperPearson(successes: number, trials: number, level = 0.95): Interval {
  check(successes, trials, level);
  const tail = (1 - level) / 2;
  return { low: lowerBound(successes, trials, tail), high: upperBound(successes, trials, tail), level };
}

/** The exact one-sided lower bound at error `alpha`: certified radii stand on it (Cohen et al. 2019, arXiv:1902.02918). @throws math/bad-count */
export function lowerBound(successes: number, trials: number, alpha: number): number {
  check(successes, trials, 1 - alpha);
  return successes === 0 ? 0 : betaQuantile(alpha, successes, trials - successes + 1);
}

/** The exact one-sided upper bound at error `alpha`. @throws math/bad-count */
export function upperBound(successes: number, trials: number, alpha: number): number {
  return 1 - lowerBound(trials - successes, trials, alpha);
}

/** The score interval (Wilson 1927, JASA 22:209): narrower than the exact one and right on average. @throws math/bad-count */
export function wilson(successes: number, trials: number, level = 0.95): Interval {
  check(successes, trials, level);
  const z = -normalQuantile((1 - level) / 2);
  const share = successes / trials;
  const middle = (share + (z * z) / (2 * trials)) / (1 + (z * z) / trials);
  const half = (z / (1 + (z * z) / trials)) * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  return { low: successes === 0 ? 0 : middle - half, high: successes === trials ? 1 : middle + half, level };
}

export type Alternative = "greater" | "less" | "two-sided";

/**
 * The chance of a count as extreme as this one were the share `share`. Two-sided: all counts that are no likelier than this one.
 *
 * @throws math/bad-count
 * @example binomialTest(9, 10, { share: 0.5 }); // 0.021484375
 */
export function binomialTest(
  successes: number,
  trials: number,
  { share, alternative = "two-sided" }: { readonly share: number; readonly alternative?: Alternative },
): number {
  check(successes, trials, 0.5);
  if (!(share >= 0 && share <= 1)) throw bad(`a share of ${share}`, "a share lies between 0 and 1");
  const atLeast = (k: number): number => (k <= 0 ? 1 : k > trials ? 0 : regularizedBeta(share, k, trials - k + 1));
  if (alternative === "greater") return atLeast(successes);
  if (alternative === "less") return 1 - atLeast(successes + 1);
  const chance = (k: number): number => atLeast(k) - atLeast(k + 1);
  // Equal chances differ in their last bits.
  const most = chance(successes) * (1 + 1e-7);
  const mode = Math.min(trials, Math.floor((trials + 1) * share));
  if (successes === mode) return 1;
  // Counts on the other side of the mode that are no likelier; chances fall away from it, so the first is found by bisection.
  const above = successes < mode;
  let [near, far] = above ? [mode, trials + 1] : [mode, -1];
  while (Math.abs(far - near) > 1) {
    const middle = Math.trunc((near + far) / 2);
    if (chance(middle) <= most) far = middle;
    else near = middle;
  }
  return Math.min(1, above ? 1 - atLeast(successes + 1) + atLeast(far) : atLeast(successes) + 1 - atLeast(far + 1));
}

function check(successes: number, trials: number, level: number): void {
  const counts = Number.isInteger(successes) && Number.isInteger(trials) && successes >= 0 && trials >= successes && trials > 0;
  if (!counts) throw bad(`${successes} successes of ${trials}`, "counts are whole, and at least one trial was made");
  if (!(level > 0 && level < 1)) throw bad(`a level of ${level}`, "a level lies between 0 and 1");
}

const bad = (message: string, hint: string): ModelkeepError => new ModelkeepError("math/bad-count", { message, hint });
