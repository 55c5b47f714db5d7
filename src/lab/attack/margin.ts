/** How far a row is from the attacker's goal, in logits: at most 0 where it is reached. */
import type { AttackContext } from "./context.ts";
import { leadOf } from "./lead.ts";

/**
 * Untargeted: the right logit minus the largest other one. Targeted: the largest other one minus the wanted one. A refusal is as good for whoever
 * defends as the right class is.
 */
export const marginOf = ({ batch, classes, refusal }: AttackContext, row: number, scores: Float32Array): number =>
  -leadOf({ scores, classes, row: 0, label: batch.labels[row]!, target: batch.targets?.[row], refusal });
