/** Reductions, arg-reductions, sorting and counting. */
import { productOf } from "../../dim.ts";
import type { Dim } from "../../graph.ts";
import type { NodeView, Rule, Rules } from "../node-view.ts";

const reduce =
  (combine?: (values: readonly Dim[]) => Dim): Rule =>
  (n) => {
    const dims = n.dims(0);
    if (dims === undefined) return [{}];
    const keep = n.int("keepdims", 1) === 1;
    const axes = n.numbers("axes", 1);
    if (axes === "unknown") return [{ dims: keep ? dims.map((dim) => (dim === null ? null : n.fresh([dim, 1]))) : undefined }];
    const none = axes === undefined || axes.length === 0;
    if (none && n.int("noop_with_empty_axes", 0) === 1) return [{ dims, elements: n.elements(0) }];
    const gone = new Set(none ? dims.map((_, i) => i) : axes.map((axis) => n.axis(axis, dims.length)));
    const elements = n.elements(0);
    const folded = combine !== undefined && elements !== undefined && gone.size === dims.length ? [combine(elements)] : undefined;
    return [{ dims: without(dims, gone, keep), elements: folded }];
  };

const without = (dims: readonly Dim[], gone: ReadonlySet<number>, keep: boolean): Dim[] =>
  keep ? dims.map((dim, i) => (gone.has(i) ? 1 : dim)) : dims.filter((_, i) => !gone.has(i));

const numeric =
  (apply: (values: readonly number[]) => number) =>
  (values: readonly Dim[]): Dim =>
    values.every((value) => typeof value === "number") ? apply(values) : null;

const arg: Rule = (n) => {
  const dims = n.dims(0);
  if (dims === undefined) return [{ elementType: "int64" }];
  const axis = n.axis(n.int("axis", 0), dims.length);
  return [{ elementType: "int64", dims: without(dims, new Set([axis]), n.int("keepdims", 1) === 1) }];
};

const topK: Rule = (n) => {
  const dims = n.dims(0);
  const given = n.int("k", undefined) ?? (n.has(1) ? n.elements(1)?.[0] : undefined) ?? null;
  if (dims === undefined) return [{}, { elementType: "int64" }];
  const axis = n.axis(n.int("axis", -1), dims.length);
  if (typeof given === "number" && given < 0) n.fail(`takes the top ${given}`);
  const length = dims[axis]!;
  if (typeof given === "number" && typeof length === "number" && given > length) n.fail(`takes the top ${given} of ${length}`);
  const result = dims.with(axis, given ?? (length === null ? n.fresh() : n.fresh([length])));
  return [{ dims: result }, { dims: result, elementType: "int64" }];
};

const unique: Rule = (n) => {
  const dims = n.dims(0);
  const axis = n.int("axis", undefined);
  const total = dims === undefined ? null : axis === undefined ? productOf(dims) : (dims[n.axis(axis, dims.length)] ?? null);
  const count = total === null ? n.fresh() : n.fresh([total]);
  const values = axis === undefined ? [count] : dims?.with(n.axis(axis, dims.length), count);
  const indices = { elementType: "int64" as const, dims: [count] };
  const inverse = { elementType: "int64" as const, dims: [total] };
  return [{ dims: values }, indices, inverse, indices];
};

const nonZero: Rule = (n) => {
  const dims = n.dims(0);
  const total = dims === undefined ? null : productOf(dims);
  return [{ elementType: "int64", dims: [dims?.length ?? null, total === null ? n.fresh() : n.fresh([total])] }];
};

const compress: Rule = (n) => {
  const dims = n.dims(0);
  const axis = n.int("axis", undefined);
  const total = dims === undefined ? null : axis === undefined ? productOf(dims) : dims[n.axis(axis, dims.length)]!;
  const count = total === null ? n.fresh() : n.fresh([total]);
  return [{ dims: axis === undefined ? [count] : dims?.with(n.axis(axis, dims.length), count) }];
};

const loss = (n: NodeView): Dim[] | undefined =>
  n.string("reduction", "mean") === "none" ? (n.dims(1) as Dim[] | undefined) : [];

export const reductions: Rules = {
  ...Object.fromEntries(
    "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMean ReduceSumSquare".split(" ").map((op) => [op, reduce()]),
  ),
  ReduceProd: reduce((values) =>
    values.every((value) => typeof value === "string" || Number.isSafeInteger(value)) ? productOf(values) : null,
  ),
  ReduceSum: reduce(numeric((values) => values.reduce((a, b) => a + b, 0))),
  ReduceMax: reduce(numeric((values) => Math.max(...values))),
  ReduceMin: reduce(numeric((values) => Math.min(...values))),
  ArgMax: arg,
  ArgMin: arg,
  TopK: topK,
  Unique: unique,
  NonZero: nonZero,
  Compress: compress,
  SoftmaxCrossEntropyLoss: (n) => [{ dims: loss(n) }, { dims: n.dims(0), elementType: n.elementType(0) }],
  NegativeLogLikelihoodLoss: (n) => [{ dims: loss(n) }],
};
