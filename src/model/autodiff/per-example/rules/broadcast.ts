/**
 * Parameters that broadcasting stretches over the examples: scales, biases, slopes, class tokens. The operator's own gradient rule sums over
 * everything that was stretched; shown a parameter that has the axis of examples already, it leaves that axis alone.
 */
import { rowsSymbol } from "../../../onnx/index.ts";
import { ruleFor } from "../../registry.ts";
import { range } from "../../value.ts";
import type { Value } from "../../value.ts";
import { examplesFirst } from "../contribution.ts";
import type { Whole } from "../contribution.ts";
import { defineUse } from "../define.ts";
import type { UseContext } from "../define.ts";

export const broadcast = defineUse(
  `Add Sub Mul Div Pow Min Max Mean Sum Mod PRelu Where Clip Expand LayerNormalization`.split(" "),
  stretched,
);

/** A use that broadcasting stretches over the examples, whatever the operator; undefined where the parameter has more than one per example. */
export function stretched(context: UseContext): { readonly as: Whole } | undefined {
  const { lane, op, y, parameter, rows } = context;
  const lead = op.rank(y) - op.rank(parameter);
  const aligned = [...range(lead).map(() => 1), ...parameter.dims!];
  if (lead < 0 || aligned[lane] !== 1) return undefined;
  const part = ownRule(context, { ...parameter, dims: aligned.map((dim, axis) => (axis === lane ? rowsSymbol : dim)) });
  return part && { as: { form: "whole", value: op.reshape(examplesFirst(op, part, lane), [rows, ...op.sizes(parameter)]) } };
}

/** What the operator's gradient rule says when it is shown another parameter. */
function ownRule(context: UseContext, seen: Value): Value | undefined {
  const rule = ruleFor(context.node);
  if (rule?.kind !== "gradient") return undefined;
  const { input } = context;
  const xs = context.xs.map((x, i) => (i === input ? seen : x));
  return rule.rule({ ...context, xs, x: xs[0]!, wants: (i) => i === input })[input];
}
