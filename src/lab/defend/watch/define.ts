/** How a detector is stated: a number for each example that is larger the more suspicious it is. Files in `detectors/` export such statements. */
import type { z } from "zod";
import type { Dim, GraphBuilder } from "../../../model/onnx/index.ts";

/** Where a detector's nodes go. */
export interface DetectorSite<Params> {
  readonly b: GraphBuilder;
  /** The value that comes in, float32. */
  readonly x: string;
  /** Its dimensions, the batch first. */
  readonly dims: readonly Dim[];
  readonly params: Params;
  /** The model's probabilities [N, classes] for the input. */
  readonly probabilities: string;
  /** The same for another input of that shape: the model runs once more. */
  ask(x: string): string;
}

/** A detector, as a value. */
export interface Detector<Params = unknown> {
  readonly id: string;
  readonly title: string;
  readonly params: z.ZodType<Params>;
  readonly references: readonly string[];
  /**
   * Adds the nodes; gives a value [N].
   * @throws defend/unsupported-model when inputs of this shape have no such detector
   */
  suspicion(site: DetectorSite<Params>): string;
}

/** States a detector. */
export function defineDetector<Schema extends z.ZodType>(statement: {
  readonly id: string;
  readonly title: string;
  readonly params: Schema;
  readonly references: readonly string[];
  suspicion(site: DetectorSite<z.infer<Schema>>): string;
}): Detector<z.infer<Schema>> {
  return statement as unknown as Detector<z.infer<Schema>>;
}

/** How far two answers lie apart: the sum of the differences of their probabilities, 0 to 2, for each row. */
export const apart = (b: GraphBuilder, one: string, other: string): string =>
  b.op("ReduceSum", [b.op("Abs", [b.op("Sub", [one, other])]), b.ints([1])], { keepdims: 0 });
