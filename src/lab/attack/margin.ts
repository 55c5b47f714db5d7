/** How far a row is from the attacker's goal, in logits: at most 0 where it is reached. */
import type { AttackContext } from "./context.ts";

/** Untargeted: the right logit minus the largest other one. Targeted: the largest other one minus the wanted one. */
export function marginOf({ batch, classes }: AttackContext, row: number, scores: Float32Array): number {
  const wanted = batch.targets?.[row];
  const own = wanted ?? batch.labels[row]!;
  let other = -Infinity;
  for (let k = 0; k < classes; k++) if (k !== own) other = Math.max(other, scores[k]!);
  return wanted === undefined ? scores[own]! - other : other - scores[own]!;
}
