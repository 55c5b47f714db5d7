/** By how much a model's answer is what the attacker wants: Carlini and Wagner 2017 (arXiv:1608.04644), section V.A, with the signs turned. */

/** Logits of one row, and what they are compared with. */
export interface Answer {
  readonly scores: Float32Array;
  readonly classes: number;
  readonly row: number;
  readonly label: number;
  /** The class to reach, when the goal is targeted. */
  readonly target: number | undefined;
  /** The class that means a refusal: where no class is wanted, it is as good for whoever defends as the right one. */
  readonly refusal?: number | undefined;
}

/** The largest wrong logit minus the right one; targeted: the wanted logit minus the largest other. NaN where a logit is none. */
export function leadOf({ scores, classes, row, label, target, refusal }: Answer): number {
  const own = target ?? label;
  const spared = target === undefined ? refusal : undefined;
  let other = -Infinity;
  for (let k = 0; k < classes; k++) {
    const score = scores[row * classes + k]!;
    if (score !== score) return NaN;
    if (k !== own && k !== spared && score > other) other = score;
  }
  const right = scores[row * classes + own]!;
  const difference = other - (spared === undefined ? right : Math.max(right, scores[row * classes + spared]!));
  return target === undefined ? difference : -difference;
}
