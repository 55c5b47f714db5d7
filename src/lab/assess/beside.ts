/**
 * Whether the scores that come beside a gradient are the model's own. An attack that judges by others passes wrong answers by without a word
 * (silent success: Pintor et al. 2022, arXiv:2106.09947, section 3).
 */
import type { AskOptions, AttackTarget, LossAnswer, Rows } from "../attack/index.ts";

/** Of a row's scores, by their largest difference over how far the model's scores lie apart. Nets of eight bits come to a twentieth, the others to a millionth. */
const tolerance = 0.1;

/** Points with what was said of them beside a gradient. */
interface Said {
  readonly rows: Rows;
  readonly answer: Pick<LossAnswer, "scores">;
}

/**
 * The share of points with other scores beside the gradient than the model gives.
 *
 * @param unsteady how far apart two answers of the model itself are
 */
export async function scoresBeside(
  target: AttackTarget,
  said: readonly Said[],
  { unsteady, signal }: AskOptions & { readonly unsteady: number },
): Promise<number> {
  const { classes } = target;
  const allowed = Math.max(tolerance, 4 * unsteady);
  let [others, all] = [0, 0];
  for (const { rows, answer } of said) {
    const own = await target.scores!(rows, { signal });
    const scale = spreadOf(own, classes);
    for (let row = 0; row < rows.count; row++) {
      const apart = (k: number): boolean => {
        const [a, b] = [answer.scores[row * classes + k]!, own[row * classes + k]!];
        return !Object.is(a, b) && !(Math.abs(a - b) <= allowed * scale);
      };
      if (Array.from({ length: classes }, (_, k) => k).some(apart)) others++;
    }
    all += rows.count;
  }
  return all === 0 ? 0 : others / all;
}

/** The largest distance between two scores of one row, of those that are numbers. */
function spreadOf(scores: Float32Array, classes: number): number {
  let widest = 0;
  for (let at = 0; at < scores.length; at += classes) {
    const row = scores.subarray(at, at + classes);
    const spread = Math.max(...row) - Math.min(...row);
    if (Number.isFinite(spread)) widest = Math.max(widest, spread);
  }
  return widest;
}
