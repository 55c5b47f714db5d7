/** The statements about uses of parameters, found by operator. */
import type { Node } from "../../onnx/index.ts";
import { operatorName } from "../../onnx/index.ts";
import type { UseDefinition, UseRule } from "./define.ts";
import { all } from "./rules/_all.ts";

const rules = new Map<string, UseRule>();
for (const { ops, rule } of all as readonly UseDefinition[]) for (const op of ops) rules.set(op, rule);

/** The rule for a node's use of a parameter. */
export const useRuleFor = (node: Pick<Node, "op" | "domain">): UseRule | undefined => rules.get(operatorName(node));
