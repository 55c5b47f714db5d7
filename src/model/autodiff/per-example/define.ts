/** How an operator's use of a parameter shows in each example's gradient. Files in `rules/` say it; the engine knows no operator. */
import type { GradientContext } from "../define.ts";
import type { Size, Value } from "../value.ts";
import type { Contribution } from "./contribution.ts";

/** What a rule sees: the node with the gradients of its outputs, and which of its inputs is the parameter. */
export interface UseContext extends GradientContext {
  /** Which input is asked about. It holds nothing of the examples. */
  readonly input: number;
  readonly parameter: Value;
  /** The axis of examples of the node's first output. */
  readonly lane: number;
  /** The axis of examples of an input; undefined where it has none. */
  laneOfInput(input: number): number | undefined;
  /** The number of examples. */
  readonly rows: Size;
  /** Whether to multiply out: asked for, or what the cost says of T products of [P, Q] in each of G groups. */
  multiplies(cost: ProductCost): boolean;
}

/** The sizes of a sum of outer products, as far as they are known. */
export interface ProductCost {
  readonly groups: number;
  /** T: positions over which an example is summed. */
  readonly places: Size;
  readonly p: number;
  readonly q: number;
}

/** The contribution of a use, or undefined where the rule does not take it. */
export type UseRule = (context: UseContext) => Omit<Contribution, "path" | "dims"> | undefined;

/** A statement about operators. */
export interface UseDefinition {
  readonly ops: readonly string[];
  readonly rule: UseRule;
}

/** States what each example's gradient by an input of these operators is made of. */
export function defineUse(ops: string | readonly string[], rule: UseRule): UseDefinition {
  return { ops: typeof ops === "string" ? [ops] : ops, rule };
}
