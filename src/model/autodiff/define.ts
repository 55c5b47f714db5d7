/** How an operator's derivative is stated. Files in `rules/` export such statements; the engine reads them and knows no operator. */
import type { Node, Tensor } from "../onnx/index.ts";
import type { Ops } from "./ops/index.ts";
import type { Scope } from "./scope.ts";
import type { Value } from "./value.ts";

/** A node's attributes, with the operator's defaults given by the rule that reads them. */
export interface AttributeReader {
  int(name: string, fallback: number): number;
  float(name: string, fallback: number): number;
  string(name: string, fallback: string): string;
  ints(name: string): readonly number[] | undefined;
  floats(name: string): readonly number[] | undefined;
  strings(name: string): readonly string[] | undefined;
  has(name: string): boolean;
}

/** What a rule sees of the node and of the graph around it. */
export interface NodeContext {
  readonly node: Node;
  /** The first input. */
  readonly x: Value;
  /** All inputs; optional ones that were not given are undefined. */
  readonly xs: readonly (Value | undefined)[];
  /** The first output. */
  readonly y: Value;
  readonly ys: readonly (Value | undefined)[];
  readonly attrs: AttributeReader;
  readonly op: Ops;
  readonly scope: Scope;
  /** The value of a constant input, as numbers: axes, shapes, pads. Never of a tensor whose gradient is asked for. */
  numbers(value: Value | undefined): readonly number[] | undefined;
  known(value: Value | undefined): Tensor | undefined;
  /** Whether the gradient of the i-th input is asked for. */
  wants(input: number): boolean;
  /** The node's i-th output; if the graph did not ask the node for it, now it does. */
  output(index: number, like: Omit<Value, "name">): Value;
  /** The node that makes a value. */
  producer(value: Value): Node | undefined;
  /** Whether only this node reads a value, and the graph does not give it out. */
  onlyUse(value: Value): boolean;
  /** An error that names the node. `hint` says what to do. */
  refuse(reason: string, hint?: string): Error;
}

/** What a gradient rule sees: the node, and the gradients of its outputs. */
export interface GradientContext extends NodeContext {
  /** Gradient of the first output, zeros when the loss does not depend on it. */
  readonly g: Value;
  /** Gradients of all outputs; undefined where the loss does not depend on one. */
  readonly gs: readonly (Value | undefined)[];
}

/** Gradients of the inputs, in their order; undefined or missing ones are zero. */
export type GradientRule = (context: GradientContext) => readonly (Value | undefined)[];

/** Outputs of the node, computed by simpler operators; undefined: this node is left as it is. */
export type Lowering = (context: NodeContext) => readonly (Value | undefined)[] | undefined;

/** One statement about one or several operators (`domain::op` outside the standard domain). */
export type Definition =
  | { readonly kind: "gradient"; readonly ops: readonly string[]; readonly rule: GradientRule; readonly approximates?: string }
  | { readonly kind: "lowering"; readonly ops: readonly string[]; readonly lower: Lowering; readonly approximates?: string }
  | { readonly kind: "zero"; readonly ops: readonly string[]; readonly reason: string; readonly random: boolean }
  | { readonly kind: "none"; readonly ops: readonly string[]; readonly reason: string };

const list = (ops: string | readonly string[]): readonly string[] => (typeof ops === "string" ? [ops] : ops);

/**
 * States the derivative of operators.
 * @param options - `approximates`: what the rule puts in place of a derivative that does not exist or is zero.
 * @example
 * export const tanh = defineGradient("Tanh", ({ g, y, op }) => [op.mul(g, op.sub(1, op.mul(y, y)))]);
 */
export function defineGradient(
  ops: string | readonly string[],
  rule: GradientRule,
  options: { readonly approximates?: string } = {},
): Definition {
  return { kind: "gradient", ops: list(ops), rule, ...options };
}

/** States what operators are made of: the simpler ones are differentiated in their place. */
export function defineLowering(
  ops: string | readonly string[],
  lower: Lowering,
  options: { readonly approximates?: string } = {},
): Definition {
  return { kind: "lowering", ops: list(ops), lower, ...options };
}

/** States that the derivative is zero wherever it exists. Attacks read the reason and take approximations. */
export function defineZeroGradient(
  ops: string | readonly string[],
  reason: string,
  options: { readonly random?: boolean } = {},
): Definition {
  return { kind: "zero", ops: list(ops), reason, random: options.random ?? false };
}

/** States that there is no derivative to be had, and why. A gradient that would go through such a node is refused. */
export function defineNoGradient(ops: string | readonly string[], reason: string): Definition {
  return { kind: "none", ops: list(ops), reason };
}
