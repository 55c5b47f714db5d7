/** All statements about operators, found by operator. */
import type { Node } from "../onnx/index.ts";
import { operatorName } from "../onnx/index.ts";
import type { Definition } from "./define.ts";
import { all } from "./rules/_all.ts";

/** A statement that says how an operator is made of others. */
export type LoweringDefinition = Extract<Definition, { kind: "lowering" }>;
/** A statement about the derivative itself. */
export type RuleDefinition = Exclude<Definition, LoweringDefinition>;

const gradients = new Map<string, RuleDefinition>();
const lowerings = new Map<string, LoweringDefinition>();
for (const definition of all as readonly Definition[]) {
  for (const op of definition.ops) {
    if (definition.kind === "lowering") lowerings.set(op, definition);
    else gradients.set(op, definition);
  }
}

/** Every statement. */
export const definitions: readonly Definition[] = all;

/** The rule for a node. An operator may have a lowering too, which is tried first. */
export const ruleFor = (node: Pick<Node, "op" | "domain">): RuleDefinition | undefined => gradients.get(operatorName(node));

/** The lowering of a node. */
export const loweringFor = (node: Pick<Node, "op" | "domain">): LoweringDefinition | undefined =>
  lowerings.get(operatorName(node));
