/** Picking by index: the gradient is added where the element came from. */
import { tensorOf } from "../../onnx/index.ts";
import { defineGradient, defineLowering } from "../define.ts";
import type { GradientContext } from "../define.ts";
import { axisOf, range } from "../value.ts";
import type { Value } from "../value.ts";

export const gather = defineGradient("Gather", ({ g, xs, op, attrs }) => {
  const [x, indices] = xs as [Value, Value];
  const axis = axisOf(attrs.int("axis", 0), op.rank(x));
  const size = op.size(x, axis);
  const [sizes, picks] = [op.sizes(x), op.product(...op.sizes(indices))];
  const flat = op.reshape(g, [...sizes.slice(0, axis), picks, ...sizes.slice(axis + 1)]);
  return [op.addAlong(flat, op.reshape(op.fromFront(indices, size), [picks]), axis, size)];
});

/** Columns by position; a vector becomes one row. */
export const arrayFeatureExtractor = defineLowering("ai.onnx.ml::ArrayFeatureExtractor", ({ xs, op }) => {
  const [x, positions] = xs as [Value, Value];
  const picks = op.product(...op.sizes(positions));
  const columns = op.gather(x, op.reshape(positions, [picks]), op.rank(x) - 1);
  return [op.rank(x) === 1 ? op.reshape(columns, [1, picks]) : columns];
});

export const gatherElements = defineGradient("GatherElements", ({ g, xs, op, attrs }) => {
  const [x, indices] = xs as [Value, Value];
  return [op.scatterElements(op.zerosLike(x), indices, g, { axis: attrs.int("axis", 0), reduction: "add" })];
});

export const gatherND = defineGradient("GatherND", ({ g, xs, op, attrs }) => {
  const [x, indices] = xs as [Value, Value];
  const batch = attrs.int("batch_dims", 0);
  return [op.scatterND(op.zerosLike(x), withBatchIndices(op, indices, batch), g, "add")];
});

/** Indices that also say which element of the batch they mean. */
function withBatchIndices(op: GradientContext["op"], indices: Value, batch: number): Value {
  if (batch === 0) return indices;
  const rank = op.rank(indices);
  const shape = [...op.sizes(indices).slice(0, -1), 1];
  const columns = range(batch).map((axis) =>
    op.expand(
      op.unsqueeze(
        op.count(op.size(indices, axis)),
        range(rank).filter((i) => i !== axis),
      ),
      shape,
    ),
  );
  return op.concat([...columns, indices], rank - 1);
}

/** Elements at 1-positions of the condition, in order. */
export const compress = defineGradient("Compress", ({ g, xs, op, attrs }) => {
  const [x, condition] = xs as [Value, Value];
  const chosen = op.emit({ op: "NonZero", inputs: [condition], outputs: [{ type: "int64", dims: [1, null] }] })[0]!;
  const indices = op.squeeze(chosen, [0]);
  if (attrs.has("axis")) {
    const axis = axisOf(attrs.int("axis", 0), op.rank(x));
    return [op.addAlong(g, indices, axis, op.size(x, axis))];
  }
  return [op.reshapeLike(op.addAlong(g, indices, 0, op.product(...op.sizes(x))), x)];
});

/** The first of equal elements stands for them. */
export const unique = defineGradient("Unique", ({ g, x, ys, op, attrs, output }) => {
  const indices = ys[1] ?? output(1, { type: "int64", dims: [null] });
  if (attrs.has("axis")) {
    const axis = axisOf(attrs.int("axis", 0), op.rank(x));
    return [op.addAlong(g, indices, axis, op.size(x, axis))];
  }
  return [op.reshapeLike(op.addAlong(g, indices, 0, op.product(...op.sizes(x))), x)];
});

/** off + (on − off) · one-hot, linear in the two values. */
export const oneHot = defineGradient("OneHot", ({ g, xs, y, op, attrs, scope }) => {
  const [indices, depth, values] = xs as [Value, Value, Value];
  const axis = attrs.int("axis", -1);
  const outputs = [{ type: g.type, dims: y.dims }];
  const pair = scope.constant(tensorOf(g.type, [2], [0, 1]));
  const hot = op.emit({ op: "OneHot", inputs: [indices, depth, pair], outputs, attributes: { axis } })[0]!;
  const all = (value: Value): Value => op.reshape(op.sum(value, range(op.rank(y)), false), [1]);
  return [undefined, undefined, op.reshapeLike(op.concat([all(op.mul(g, op.sub(1, hot))), all(op.mul(g, hot))], 0), values)];
});
