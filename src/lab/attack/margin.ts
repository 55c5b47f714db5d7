/** How far a row is from the attacker's goal, in logits: at most 0 where it is reached. */
import type { AttackContext } from "./context.ts";

/**
 * Untargeted: the right logit minus the largest other one. Targeted: the largest other one minus the wanted one. A refusal is as good for whoever
 * defends as the right class is.
 */
export function marginOf({ batch, classes, refusal }: AttackContext, row: number, scores: Float32Array): number {
  const wanted = batch.targets?.[row];
  const own = wanted ?? batch.labels[row]!;
  let other = -Infinity;
  for (let k = 0; k < classes; k++) if (k !== own && (k !== refusal || wanted !== undefined)) other = Math.max(other, scores[k]!);
  if (wanted === undefined && refusal !== undefined) return Math.max(scores[own]!, scores[refusal]!) - other;
  return wanted === undefined ? scores[own]! - other : other - scores[own]!;
}
