/** The two running moments that Adam and AdamW share. */
import type { GraphBuilder } from "../../onnx/index.ts";
import { addScaled } from "./define.ts";
import type { OptimizerSettings, Updated, UpdateSite } from "./define.ts";

export const momentSlots = ["mean", "square"] as const;

/**
 * Kingma and Ba 2015 (arXiv:1412.6980), section 2: m̂/(√v̂ + ε) with the corrections moved into two scalars, so that no tensor is corrected:
 * lr/c₁ · m/(√v/√c₂ + ε) = (lr·√c₂/c₁) · m/(√v + ε√c₂).
 */
export function momentScalars(step: number, lr: number, { betas, epsilon }: OptimizerSettings) {
  const root = Math.sqrt(1 - betas[1] ** step);
  return { rate: (lr * root) / (1 - betas[0] ** step), epsilon: epsilon * root };
}

/** w − rate · m/(√v + ε), from a weight that may have decayed already. */
export function moveByMoments(site: UpdateSite, from: string, gradient: string): Updated {
  const { b, slots, scalars, settings } = site;
  const [first, second] = settings.betas;
  const mean = addScaled(b, scaled(b, gradient, 1 - first), first, slots["mean"]!);
  const square = addScaled(b, scaled(b, b.op("Mul", [gradient, gradient]), 1 - second), second, slots["square"]!);
  const size = b.op("Add", [b.op("Sqrt", [square]), scalars["epsilon"]!]);
  const move = b.op("Mul", [b.op("Div", [mean, size]), scalars["rate"]!]);
  return { weight: b.op("Sub", [from, move]), slots: { mean, square } };
}

const scaled = (b: GraphBuilder, x: string, by: number): string => b.op("Mul", [x, b.scalar("float32", by)]);
