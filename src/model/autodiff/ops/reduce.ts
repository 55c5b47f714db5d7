/** Reductions, and the sum that undoes broadcasting. */
import { tensorOf } from "../../onnx/index.ts";
import type { Dim, ElementType } from "../../onnx/index.ts";
import type { Scope } from "../scope.ts";
import { axisOf, range, sameDim } from "../value.ts";
import type { Dims, Value } from "../value.ts";
import type { elementwiseOps } from "./elementwise.ts";
import type { shapeOps } from "./shape.ts";

/** Axes that are known, or an int64 vector of them. */
export type Axes = readonly number[] | Value;

/** The part of the builder that sums up. */
export function reduceOps(scope: Scope, op: ReturnType<typeof elementwiseOps> & ReturnType<typeof shapeOps>) {
  const reduce =
    (name: string) =>
    (x: Value, axes: Axes, keep = true): Value => {
      if (!isValue(axes) && axes.length === 0) return x;
      const open = keep ? x.dims?.map(() => null) : undefined;
      const dims = isValue(axes) ? open : reducedDims(x.dims, axes, keep);
      const inputs = [x, isValue(axes) ? axes : op.ints(axes)];
      const attributes = { keepdims: Number(keep), noop_with_empty_axes: 1 };
      return scope.emit({ op: name, inputs, outputs: [{ type: x.type, dims }], attributes })[0]!;
    };

  const sum = reduce("ReduceSum");

  /** The sum over everything that broadcasting made of a tensor shaped as `like`: the derivative of broadcasting. */
  function sumTo(g: Value, like: Value): Value {
    const axes = broadcastAxes(g.dims, like.dims);
    if (axes === undefined) return sumToAtRuntime(g, like);
    if (axes.length === 0) return g;
    const lead = g.dims!.length - like.dims!.length;
    if (axes.length === lead) return sum(g, axes, false);
    return op.squeeze(sum(g, axes), range(lead));
  }

  function sumToAtRuntime(g: Value, like: Value): Value {
    const [have, want] = [op.shape(g), op.shape(like)];
    const missing = op.sub(rankAsTensor(have), rankAsTensor(want));
    const ones = scope.emit({ op: "Expand", inputs: [op.ints([1]), missing], outputs: [{ type: "int64", dims: [null] }] })[0]!;
    const aligned = { ...op.concat([ones, want], 0), dims: have.dims };
    const differ = scope.emit({
      op: "NonZero",
      inputs: [op.not(op.equal(aligned, have))],
      outputs: [{ type: "int64", dims: [1, null] }],
    })[0]!;
    const summed = sum(g, op.squeeze(differ, [0]));
    if (g.dims === undefined || like.dims === undefined) return op.reshapeLike(summed, like);
    return { ...op.squeeze(summed, range(g.dims.length - like.dims.length)), dims: like.dims };
  }

  const rankAsTensor = (shape: Value): Value =>
    op.shape({ ...shape, dims: typeof shape.dims?.[0] === "number" ? shape.dims : [null] });

  return {
    sum,
    /** The sum over all axes but the second, [channels]: first within rows of memory, then over the batch, twice as fast as all at once. */
    channelSum(x: Value): Value {
      const [batch, channels, ...places] = op.sizes(x);
      if (places.length === 0) return sum(x, [0], false);
      const rows = places.length === 1 ? x : op.reshape(x, [batch!, channels!, op.product(...places)]);
      return sum(sum(rows, [2], false), [0], false);
    },
    mean: reduce("ReduceMean"),
    reduceMax: reduce("ReduceMax"),
    reduceProd: reduce("ReduceProd"),
    sumSquare: reduce("ReduceSumSquare"),
    sumTo,
    /** Number of elements along axes, in the element type of `x`, as a tensor without dimensions. */
    countOf(x: Value, axes: readonly number[]): Value {
      const total = op.product(...axes.map((axis) => op.size(x, axis)));
      if (typeof total === "number") return scope.constant(tensorOf(x.type, [], [total]));
      return op.cast(op.reshape(total.value, []), x.type);
    },
    cumSum(x: Value, axis: Value, attributes: { readonly exclusive: number; readonly reverse: number }): Value {
      return scope.emit({ op: "CumSum", inputs: [x, axis], outputs: [{ type: x.type, dims: x.dims }], attributes })[0]!;
    },
    argMax(x: Value, axis: number, keep = true): Value {
      return arg("ArgMax", x, axis, keep);
    },
    topK(x: Value, k: Value, axis: number, largest = true): readonly [Value, Value] {
      const n = scope.numbers(k)?.[0] ?? null;
      const dims = x.dims?.map((dim, i) => (i === axisOf(axis, x.dims!.length) ? n : dim));
      const outputs = [x.type, "int64" as ElementType].map((type) => ({ type, dims }));
      const [values, indices] = scope.emit({
        op: "TopK",
        inputs: [x, k],
        outputs,
        attributes: { axis, largest: Number(largest), sorted: 1 },
      });
      return [values!, indices!];
    },
  };

  function arg(name: string, x: Value, axis: number, keep: boolean): Value {
    const outputs = [{ type: "int64" as ElementType, dims: reducedDims(x.dims, [axis], keep) }];
    return scope.emit({ op: name, inputs: [x], outputs, attributes: { axis, keepdims: Number(keep) } })[0]!;
  }
}

const isValue = (axes: Axes): axes is Value => "name" in axes;

/** The shape after a reduction. */
export function reducedDims(dims: Dims, axes: readonly number[], keep: boolean): Dims {
  if (dims === undefined) return undefined;
  const gone = new Set(axes.map((axis) => axisOf(axis, dims.length)));
  return keep ? dims.map((dim, i): Dim => (gone.has(i) ? 1 : dim)) : dims.filter((_, i) => !gone.has(i));
}

/** Axes that broadcasting stretched or added, undefined when the shapes do not tell. */
function broadcastAxes(have: Dims, want: Dims): readonly number[] | undefined {
  if (have === undefined || want === undefined) return undefined;
  const lead = have.length - want.length;
  const axes: number[] = [];
  for (const [i, dim] of have.entries()) {
    const target = i < lead ? undefined : want[i - lead]!;
    if (target === undefined || (target === 1 && dim !== 1)) axes.push(i);
    // A number above one was never stretched; an unknown one may have been, unless it is the same symbol.
    else if (typeof target !== "number" && !sameDim(target, dim) && dim !== 1) return undefined;
  }
  return axes;
}
