/** A tensor in the graph under construction: its name and what is known of it before anything runs. */
import type { Dim, ElementType } from "../onnx/index.ts";

/** Dimensions as far as they are known; undefined when not even the rank is. */
export type Dims = readonly Dim[] | undefined;

/** A named tensor of a graph. */
export interface Value {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: Dims;
}

/** What operators of the builder take: a tensor, or a number that becomes a constant of the other operand's type. */
export type Operand = Value | number;

/** A dimension to build shapes of: a number, or an int64 tensor of one element that holds it when the model runs. */
export type Size = number | { readonly value: Value; readonly dim: string | null };

/** Whether every dimension is a number. */
export const isFixed = (dims: Dims): dims is readonly number[] => dims?.every((dim) => typeof dim === "number") ?? false;

/** Whether two dimensions are certainly equal: the same number or the same symbol. */
export const sameDim = (a: Dim | undefined, b: Dim | undefined): boolean => a !== null && a !== undefined && a === b;

/** Whether two shapes are certainly equal. */
export const sameDims = (a: Dims, b: Dims): boolean =>
  a !== undefined && b !== undefined && a.length === b.length && a.every((dim, i) => sameDim(dim, b[i]));

/** The dimension that a size stands for. */
export const dimOf = (size: Size): Dim => (typeof size === "number" ? size : size.dim);

/** An axis counted from the front. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** 0, 1, …, n − 1. */
export const range = (n: number, from = 0): number[] => Array.from({ length: Math.max(0, n - from) }, (_, i) => i + from);

/** The shape of an elementwise operation's result (multidirectional broadcasting of ONNX). */
export function broadcastDims(...shapes: readonly Dims[]): Dims {
  if (shapes.some((dims) => dims === undefined)) return undefined;
  const known = shapes as readonly (readonly Dim[])[];
  const rank = Math.max(0, ...known.map((dims) => dims.length));
  return range(rank).map((i) =>
    known.map((dims) => dims[dims.length - rank + i] ?? (dims.length - rank + i < 0 ? 1 : null)).reduce(broadcastDim),
  );
}

function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === 1) return b;
  if (b === 1 || sameDim(a, b)) return a;
  // Beside a number above one the other must be 1 or that number.
  if (typeof a === "number") return a;
  return typeof b === "number" ? b : null;
}
