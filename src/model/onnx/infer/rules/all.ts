/** The shape rule of each operator. */
import { operatorName } from "../../graph.ts";
import type { Rule, Rules } from "../node-view.ts";
import { control } from "./control.ts";
import { windows } from "./conv.ts";
import { elementwise } from "./elementwise.ts";
import { gathers } from "./gather.ts";
import { layers } from "./layer.ts";
import { linear } from "./linear.ts";
import { makers } from "./make.ts";
import { mlRules } from "./ml.ts";
import { reductions } from "./reduce.ts";
import { sequences } from "./sequence.ts";
import { shapes } from "./shape.ts";
import { slices } from "./slice.ts";

const standard: Rules = {
  ...elementwise,
  ...shapes,
  ...slices,
  ...makers,
  ...reductions,
  ...gathers,
  ...linear,
  ...windows,
  ...layers,
  ...sequences,
  ...control,
};

const rules: ReadonlyMap<string, Rule> = new Map([
  ...Object.entries(standard),
  ...Object.entries(mlRules).map(([op, rule]) => [`ai.onnx.ml::${op}`, rule] as const),
]);

/** The rule for an operator, undefined where we have none. */
export const ruleFor = (owner: { readonly op: string; readonly domain: string }): Rule | undefined =>
  rules.get(operatorName(owner));
