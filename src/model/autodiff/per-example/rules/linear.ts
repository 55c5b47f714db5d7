/**
 * Products with a matrix. The gradient of an example is a sum of outer products of what went in and the gradient of what came out, one for
 * each position: its norm follows from the factors (Goodfellow 2015, arXiv:1510.01799; for sequences Li et al. 2021, arXiv:2110.05679, §4).
 */
import type { Ops } from "../../ops/index.ts";
import type { Value } from "../../value.ts";
import { examplesFirst } from "../contribution.ts";
import type { Outer, Whole } from "../contribution.ts";
import { defineUse } from "../define.ts";
import type { UseContext } from "../define.ts";
import { stretched } from "./broadcast.ts";

export const matMul = defineUse("MatMul", (context) => {
  const { xs, g, op, input, lane, laneOfInput, parameter } = context;
  const [a, b] = xs as [Value, Value];
  if (op.rank(parameter) !== 2) return stretched(context);
  // x W: the examples are in an axis of x before the last.
  if (input === 1 && op.rank(a) >= 2) return product(context, inOut(op, [a, g], [laneOfInput(0)!, lane]));
  // W x: the columns of x are the positions.
  if (input === 0 && op.rank(b) >= 3 && laneOfInput(1)! < op.rank(b) - 2)
    return product(context, inOut(op, [op.matrixTranspose(g), op.matrixTranspose(b)], [lane, laneOfInput(1)!]));
  return stretched(context);
});

export const gemm = defineUse("Gemm", (context) => {
  const { xs, g, op, input, attrs } = context;
  if (input !== 1) return input === 2 ? stretched(context) : undefined;
  const a = op.mul(xs[0]!, attrs.float("alpha", 1));
  return product(context, inOut(op, attrs.int("transB", 0) === 1 ? [g, a] : [a, g], [0, 0]));
});

/** Two tensors [.., examples, .., features] as [examples, T, features]. */
function inOut(op: Ops, sides: readonly [Value, Value], lanes: readonly [number, number]): Outer {
  const [left, right] = sides.map((side, i) => {
    const first = examplesFirst(op, side, lanes[i]!);
    const sizes = op.sizes(first);
    return op.reshape(first, [sizes[0]!, op.product(1, ...sizes.slice(1, -1)), sizes.at(-1)!]);
  });
  return { form: "outer", left: left!, right: right! };
}

/** The factors, or their product where that is cheaper. */
export function product(context: UseContext, as: Outer): { readonly as: Outer | Whole } {
  const { op, multiplies } = context;
  const grouped = op.rank(as.left) === 4;
  const [p, q] = [as.left.dims!.at(-1), as.right.dims!.at(-1)];
  const groups = grouped ? as.left.dims![1] : 1;
  if (typeof p !== "number" || typeof q !== "number" || typeof groups !== "number") return { as };
  if (!multiplies({ groups, places: op.size(as.left, -2), p, q })) return { as };
  return { as: { form: "whole", value: op.matMul(op.matrixTranspose(as.left), as.right) } };
}
