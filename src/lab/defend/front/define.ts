/** How a defence in front of a model is stated: nodes between the input and the model. Files in `inputs/` export such statements. */
import type { z } from "zod";
import type { Dim, GraphBuilder } from "../../../model/onnx/index.ts";

/** Where a defence's nodes go. */
export interface DefenceSite<Params> {
  readonly b: GraphBuilder;
  /** The value that comes in, float32. */
  readonly x: string;
  /** Its dimensions, the batch first. */
  readonly dims: readonly Dim[];
  readonly params: Params;
}

/** A defence, as a value. */
export interface Defence<Params = unknown> {
  readonly id: string;
  readonly title: string;
  readonly params: z.ZodType<Params>;
  readonly references: readonly string[];
  /**
   * Adds the nodes; gives the value that the model sees in place of what came. Same shape, same range.
   * @throws defend/unsupported-model when inputs of this shape have no such defence
   */
  apply(site: DefenceSite<Params>): string;
}

/** States a defence. */
export function defineDefence<Schema extends z.ZodType>(statement: {
  readonly id: string;
  readonly title: string;
  readonly params: Schema;
  readonly references: readonly string[];
  apply(site: DefenceSite<z.infer<Schema>>): string;
}): Defence<z.infer<Schema>> {
  return statement as unknown as Defence<z.infer<Schema>>;
}
