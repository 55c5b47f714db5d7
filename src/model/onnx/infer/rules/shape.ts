/** Operators that read, make and change shapes. */
import { divideExactly, floorDiv, mulDims, productOf } from "../../dim.ts";
import type { Dim } from "../../graph.ts";
import { maxElements, staticCount } from "../abstract.ts";
import { broadcastDims, sumOf } from "../broadcast.ts";
import type { NodeView, Rule, Rules } from "../node-view.ts";

const shape: Rule = (n) => {
  const dims = n.dims(0);
  if (dims === undefined) return [{ elementType: "int64", dims: [null] }];
  const clamp = (at: number): number => Math.min(dims.length, Math.max(0, at < 0 ? at + dims.length : at));
  const part = dims.slice(clamp(n.int("start", 0)), clamp(n.int("end", dims.length)));
  return [{ elementType: "int64", dims: [part.length], elements: part }];
};

const size: Rule = (n) => {
  const dims = n.dims(0);
  return [{ elementType: "int64", dims: [], elements: dims === undefined ? [null] : [productOf(dims)] }];
};

/** Dimensions that a shape tensor asks for; undefined when not even the rank is known. */
export function asked(n: NodeView, input: number): readonly Dim[] | undefined {
  const elements = n.elements(input);
  if (elements !== undefined) return elements;
  const length = n.dims(input)?.[0];
  return typeof length === "number" && length <= 64 ? n.unknownDims(length) : undefined;
}

/** Shape tensors are read strictly where they make new tensors: a negative size is an error, an unknown one only running will tell. */
export function freshShape(n: NodeView, dims: readonly Dim[] | undefined): readonly Dim[] | undefined {
  if (dims === undefined) {
    n.host.unbounded(n.node, "its shape is computed from data");
    return undefined;
  }
  return dims.map((dim) => {
    if (typeof dim === "number" && dim < 0) n.fail(`asks for dimension ${dim}`);
    return dim ?? n.fresh();
  });
}

const reshape: Rule = (n) => {
  const listed = n.ints("shape", undefined) ?? asked(n, 1);
  const from = n.dims(0);
  const elements = n.elements(0);
  if (listed === undefined) return [{ elements: undefined }];
  const allowZero = n.int("allowzero", 0) === 1;
  let dims: Dim[] = listed.map((dim, i) => (dim === 0 && !allowZero ? (from === undefined ? null : (from[i] ?? null)) : dim));
  const free = dims.flatMap((dim, i) => (dim === -1 ? [i] : []));
  if (free.length > 1) n.fail("reshapes to two free dimensions");
  const total = from === undefined ? null : productOf(from);
  const unknown = dims.flatMap((dim, i) => (dim === null ? [i] : []));
  const place = free[0] ?? (unknown.length === 1 ? unknown[0] : undefined);
  if (place !== undefined && unknown.every((i) => i === place)) {
    const rest = productOf(dims.filter((_, i) => i !== place));
    const solved = typeof total === "number" && typeof rest === "number" && rest > 0 && total % rest !== 0;
    if (solved && free.length > 0) n.fail(`cannot divide ${total} elements by ${rest}`);
    const quotient = rest === 0 ? (free.length > 0 ? 0 : null) : (divideExactly(total, rest) ?? floorDiv(total, rest));
    dims = dims.with(place, quotient);
  }
  dims = dims.map((dim) => (dim === -1 || dim === null ? boundedBy(n, total) : dim));
  for (const dim of dims) if (typeof dim === "number" && dim < 0) n.fail(`reshapes to dimension ${dim}`);
  const target = productOf(dims);
  if (typeof total === "number" && typeof target === "number" && total !== target) {
    n.fail(`reshapes ${total} elements to [${dims.join(",")}]`);
  }
  return [{ dims, elements }];
};

const boundedBy = (n: NodeView, total: Dim): Dim => (total === null ? null : n.fresh([total]));

const transpose: Rule = (n) => {
  const dims = n.dims(0);
  if (dims === undefined) return [{}];
  const order = n.ints("perm", undefined) ?? dims.map((_, i) => dims.length - 1 - i);
  const isPermutation = order.length === dims.length && new Set(order).size === dims.length;
  if (!isPermutation || order.some((axis) => !(axis in dims))) n.fail(`[${order.join(",")}] is no order of ${dims.length} axes`);
  return [{ dims: order.map((axis) => dims[axis]!), elements: transposedElements(n.elements(0), dims, order) }];
};

function transposedElements(
  elements: readonly Dim[] | undefined,
  dims: readonly Dim[],
  order: readonly number[],
): readonly Dim[] | undefined {
  const fixed = dims.filter((dim) => typeof dim === "number");
  if (elements === undefined || fixed.length < dims.length) return undefined;
  const strideOf = (axis: number): number => fixed.slice(axis + 1).reduce((a, b) => a * b, 1);
  let positions: readonly number[] = [0];
  for (const axis of order) {
    const stride = strideOf(axis);
    positions = positions.flatMap((outer) => Array.from({ length: fixed[axis]! }, (_, at) => outer + at * stride));
  }
  return positions.map((at) => elements[at]!);
}

const squeeze: Rule = (n) => {
  const dims = n.dims(0);
  const axes = n.numbers("axes", 1);
  if (dims === undefined || axes === "unknown") return [{}];
  const elements = n.elements(0);
  if (axes === undefined) {
    if (dims.some((dim) => typeof dim !== "number")) return [{}];
    return [{ dims: dims.filter((dim) => dim !== 1), elements }];
  }
  const gone = new Set(axes.map((axis) => n.axis(axis, dims.length)));
  for (const axis of gone)
    if (typeof dims[axis] === "number" && dims[axis] !== 1) n.fail(`axis ${axis} has ${dims[axis]} entries, not 1`);
  return [{ dims: dims.filter((_, axis) => !gone.has(axis)), elements }];
};

const unsqueeze: Rule = (n) => {
  const dims = n.dims(0);
  const axes = n.numbers("axes", 1);
  if (dims === undefined || axes === "unknown" || axes === undefined) return [{}];
  const rank = dims.length + axes.length;
  const added = new Set(axes.map((axis) => n.axis(axis, rank)));
  if (added.size !== axes.length) n.fail("names an axis twice");
  const rest = [...dims];
  return [{ dims: Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : rest.shift()!)), elements: n.elements(0) }];
};

const flatten: Rule = (n) => {
  const dims = n.dims(0);
  if (dims === undefined) return [{ dims: [null, null] }];
  const raw = n.int("axis", 1);
  const axis = raw === dims.length ? raw : n.axis(raw, Math.max(1, dims.length));
  return [{ dims: [productOf(dims.slice(0, axis)), productOf(dims.slice(axis))], elements: n.elements(0) }];
};

const expand: Rule = (n) => {
  const to = asked(n, 1);
  const from = n.dims(0);
  if (to === undefined || from === undefined) {
    n.host.unbounded(n.node, "its shape is computed from data");
    return [{}];
  }
  const dims = broadcastDims(n, [from, freshShape(n, to)]);
  const elements = n.elements(0);
  const count = staticCount(dims);
  const repeated = elements?.length === 1 && count !== undefined && count <= maxElements;
  return [{ dims, elements: repeated ? Array.from({ length: count }, () => elements[0]!) : undefined }];
};

const tile: Rule = (n) => {
  const dims = n.dims(0);
  if (dims === undefined) return [{}];
  const repeats = asked(n, 1);
  if (repeats !== undefined && repeats.length !== dims.length) n.fail(`repeats ${repeats.length} axes of ${dims.length}`);
  const known = freshShape(n, repeats);
  return [{ dims: known === undefined ? n.unknownDims(dims.length) : dims.map((dim, i) => mulDims(dim, known[i]!)) }];
};

const concat: Rule = (n) => {
  const shapes = n.inputs.map((_, i) => n.dims(i));
  const first = shapes.find((dims) => dims !== undefined);
  if (first === undefined) return [{}];
  const axis = n.axis(n.int("axis", 1), first.length);
  const dims = [...first];
  dims[axis] = sumOf(shapes.map((dims) => dims?.[axis] ?? null));
  for (const other of shapes) {
    if (other === undefined) continue;
    if (other.length !== first.length) n.fail(`joins ranks ${first.length} and ${other.length}`);
    for (const [i, dim] of other.entries()) if (i !== axis) dims[i] = agree(n, dims[i]!, dim);
  }
  const parts = n.inputs.map((_, i) => n.elements(i));
  const flat = first.length === 1 && parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  return [{ dims, elements: flat !== undefined && flat.length <= maxElements ? (flat as Dim[]) : undefined }];
};

/** Two dimensions that must be the same: the one that says more. @throws onnx/bad-shape when they cannot be */
export function agree(n: NodeView, a: Dim, b: Dim): Dim {
  if (a === b || b === null) return a;
  if (a === null) return b;
  if (typeof a === "number" && typeof b === "number") return n.fail(`dimensions ${a} and ${b} must be the same`);
  return typeof a === "number" ? a : typeof b === "number" ? b : a;
}

const depthToSpace: Rule = (n) => {
  const [batch, depth, height, width] = fourDims(n);
  const block = n.int("blocksize", 1);
  return [{ dims: [batch, floorDiv(depth, block * block), mulDims(height, block), mulDims(width, block)] }];
};

const spaceToDepth: Rule = (n) => {
  const [batch, depth, height, width] = fourDims(n);
  const block = n.int("blocksize", 1);
  return [{ dims: [batch, mulDims(depth, block * block), floorDiv(height, block), floorDiv(width, block)] }];
};

function fourDims(n: NodeView): readonly [Dim, Dim, Dim, Dim] {
  const dims = n.dims(0);
  if (dims !== undefined && dims.length !== 4) n.fail(`takes rank 4, got ${dims.length}`);
  return (dims ?? [null, null, null, null]) as unknown as readonly [Dim, Dim, Dim, Dim];
}

export const shapes: Rules = {
  Shape: shape,
  Size: size,
  Reshape: reshape,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Flatten: flatten,
  Expand: expand,
  Tile: tile,
  Concat: concat,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
