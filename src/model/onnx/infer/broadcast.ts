/** NumPy-style broadcasting of shapes and of small known tensors (onnx/docs/Broadcasting.md). */
import { addDims } from "../dim.ts";
import type { Dim } from "../graph.ts";
import { maxElements, staticCount } from "./abstract.ts";
import type { NodeView } from "./node-view.ts";

/** The shape that two or more shapes broadcast to; undefined when a rank is not known. */
export function broadcastDims(n: NodeView, shapes: readonly (readonly Dim[] | undefined)[]): readonly Dim[] | undefined {
  let result: readonly Dim[] | undefined;
  for (const shape of shapes) {
    if (shape === undefined) return undefined;
    result = result === undefined ? shape : pair(n, result, shape);
  }
  return result;
}

function pair(n: NodeView, a: readonly Dim[], b: readonly Dim[]): readonly Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) =>
    broadcastDim(n, i < rank - a.length ? 1 : a[i - (rank - a.length)]!, i < rank - b.length ? 1 : b[i - (rank - b.length)]!),
  );
}

function broadcastDim(n: NodeView, a: Dim, b: Dim): Dim {
  if (a === b || b === 1) return a;
  if (a === 1) return b;
  if (typeof a === "number" && typeof b === "number") return n.fail(`dimensions ${a} and ${b} do not broadcast`);
  // A number other than 1 wins: the symbol can only be that number or 1.
  if (typeof a === "number") return a;
  if (typeof b === "number") return b;
  if (a === null || b === null) return null;
  return n.fresh([a, b]);
}

/** Applies a function elementwise to small known tensors; undefined when one is not known or the result is large. */
export function mapElements(n: NodeView, count: number, apply: (...values: Dim[]) => Dim): readonly Dim[] | undefined {
  const inputs = Array.from({ length: count }, (_, i) => ({ dims: n.dims(i), elements: n.elements(i) }));
  const dims: (readonly number[])[] = [];
  for (const input of inputs) {
    if (input.elements === undefined || staticCount(input.dims) === undefined) return undefined;
    dims.push(input.dims as number[]);
  }
  const out = broadcastDims(n, dims) as readonly number[] | undefined;
  const size = staticCount(out);
  if (out === undefined || size === undefined || size > maxElements) return undefined;
  const strides = dims.map((shape) => broadcastStrides(shape, out));
  const result: Dim[] = [];
  const index = Array.from(out, () => 0);
  for (let i = 0; i < size; i++) {
    const values = inputs.map((input, k) => input.elements![dot(index, strides[k]!)]!);
    result.push(apply(...values));
    step(index, out);
  }
  return result;
}

function broadcastStrides(shape: readonly number[], out: readonly number[]): number[] {
  const strides = Array.from(out, () => 0);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1) strides[out.length - shape.length + i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}

const dot = (index: readonly number[], strides: readonly number[]): number =>
  index.reduce((sum, at, axis) => sum + at * strides[axis]!, 0);

/** Advances a row-major multi-index. */
export function step(index: number[], dims: readonly number[]): void {
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    index[axis]!++;
    if (index[axis]! < dims[axis]!) return;
    index[axis] = 0;
  }
}

/** The sum of dimensions. */
export const sumOf = (dims: readonly Dim[]): Dim => dims.reduce<Dim>(addDims, 0);
