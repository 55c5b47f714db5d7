/** How a way of hardening is stated: hooks of the trainer. Files in `methods/` export such statements. */
import type { z } from "zod";
import type { Model } from "../../../model/onnx/index.ts";
import type { Recipe, TrainHooks } from "../../../model/train/index.ts";
import type { HardenNorm } from "./inner.ts";

/** Against what a model is hardened: changes of at most `epsilon`, values between `low` and `high`. */
export interface HardenThreat {
  readonly norm: HardenNorm;
  readonly epsilon: number;
  readonly low: number;
  readonly high: number;
}

/** The classifier that is trained: cut down to logits, weights stored by the names they are trained under. */
export interface Classifier {
  readonly model: Model;
  readonly input: string;
  readonly logits: string;
  readonly classes: number;
  readonly rowDims: readonly number[];
}

/** What a method is given. */
export interface HardenSite<Params> {
  readonly classifier: Classifier;
  readonly threat: HardenThreat;
  readonly params: Params;
  /** The radius at a step: it rises while training begins. */
  radius(step: number): number;
}

/** A way of hardening, as a value. */
export interface Hardening<Params = unknown> {
  readonly id: string;
  readonly title: string;
  readonly norms: readonly HardenNorm[];
  readonly params: z.ZodType<Params>;
  /** What works for it, where the user says nothing. */
  readonly recipe: Partial<Recipe>;
  readonly references: readonly string[];
  hooks(site: HardenSite<Params>): TrainHooks;
}

/** States a way of hardening. */
export function defineHardening<Schema extends z.ZodType>(statement: {
  readonly id: string;
  readonly title: string;
  readonly norms: readonly HardenNorm[];
  readonly params: Schema;
  readonly recipe: Partial<Recipe>;
  readonly references: readonly string[];
  hooks(site: HardenSite<z.infer<Schema>>): TrainHooks;
}): Hardening<z.infer<Schema>> {
  return statement as unknown as Hardening<z.infer<Schema>>;
}
