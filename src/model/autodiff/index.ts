/**
 * Gradients of any ONNX model, as ONNX.
 *
 * @example
 * import { readModel, writeModel } from "modelkeep/onnx";
 * import { gradient } from "modelkeep/autodiff";
 * const { model, gradients } = gradient(readModel(bytes), { loss: "cross-entropy" });
 */
export type * from "./errors.ts";
export { gradient } from "./gradient.ts";
export type { GradientModel, GradientOptions } from "./gradient.ts";
export { differentiability, factOf } from "./facts.ts";
export type { Differentiability, Fact, FactKind } from "./facts.ts";
export { checkLabels, lossNames } from "./loss.ts";
export type { LabelInput, LossName } from "./loss.ts";
export { supportedOperators } from "./support.ts";
export type { OperatorSupport } from "./support.ts";
export { definitions } from "./registry.ts";
export type { Definition } from "./define.ts";
export { perExample } from "./per-example/per-example.ts";
export type { PerExampleModel, PerExampleOptions } from "./per-example/per-example.ts";
export type { Forms } from "./per-example/choose.ts";
export type { Clipping, ClipLayer } from "./per-example/layers.ts";
