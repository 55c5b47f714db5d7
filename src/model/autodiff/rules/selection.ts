/** Choosing between values. */
import { defineGradient } from "../define.ts";
import type { Value } from "../value.ts";
import { axisOf } from "../value.ts";

export const where = defineGradient("Where", ({ g, xs, op }) => {
  const [condition, a, b] = xs as [Value, Value, Value];
  return [undefined, op.sumTo(op.where(condition, g, 0), a), op.sumTo(op.where(condition, 0, g), b)];
});

/** Each value that was chosen passes its gradient to where it came from. */
export const topK = defineGradient("TopK", ({ g, x, ys, op, attrs, output, y }) => {
  const indices = ys[1] ?? output(1, { type: "int64", dims: y.dims });
  const axis = axisOf(attrs.int("axis", -1), op.rank(x));
  return [op.scatterElements(op.zerosLike(x), indices, g, { axis, reduction: "add" })];
});
