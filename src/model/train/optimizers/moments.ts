/** The two running moments that Adam and AdamW share. */
import { addScaled } from "./define.ts";
import type { OptimizerSettings, Updated, UpdateSite } from "./define.ts";

export const momentSlots = ["mean", "square"] as const;

/**
 * Kingma and Ba 2015 (arXiv:1412.6980), section 2: m̂/(√v̂ + ε) with the corrections moved into two scalars, so that no tensor is corrected:
 * lr/c₁ · m/(√v/√c₂ + ε) = (lr·√c₂/c₁) · m/(√v + ε√c₂). The moments are kept without their factors, M = m/(1 − β₁) and V = v/(1 − β₂), which
 * saves a pass over the tensor for each: the factors are in the scalars too.
 */
export function momentScalars(step: number, lr: number, { betas, epsilon }: OptimizerSettings) {
  const [first, second] = betas;
  const root = Math.sqrt((1 - second ** step) / (1 - second));
  return { rate: (lr * root * (1 - first)) / (1 - first ** step), epsilon: epsilon * root };
}

/** w − rate · M/(√V + ε), from a weight that may have decayed already. */
export function moveByMoments(site: UpdateSite, from: string, gradient: string): Updated {
  const { b, slots, scalars, settings } = site;
  const [first, second] = settings.betas;
  const mean = addScaled(b, gradient, first, slots["mean"]!);
  const square = addScaled(b, b.op("Mul", [gradient, gradient]), second, slots["square"]!);
  const size = b.op("Add", [b.op("Sqrt", [square]), scalars["epsilon"]!]);
  const move = b.op("Mul", [b.op("Div", [mean, size]), scalars["rate"]!]);
  return { weight: b.op("Sub", [from, move]), slots: { mean, square } };
}
