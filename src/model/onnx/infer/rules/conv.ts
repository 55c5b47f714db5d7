/** Convolution, pooling and resizing: windows that move over the axes behind batch and channels. */
import { addDims, ceilDiv, floorDiv, mulDims, productOf, subDims, divideExactly } from "../../dim.ts";
import type { Dim } from "../../graph.ts";
import type { NodeView, Rule, Rules } from "../node-view.ts";
import { freshShape } from "./shape.ts";

/** The window along each spatial axis. */
interface Window {
  readonly kernel: readonly Dim[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly autoPad: string;
}

function windowOf(n: NodeView, rank: number, kernel: readonly Dim[]): Window {
  const list = (name: string, fallback: number, count = rank): readonly number[] => {
    const found = n.ints(name, undefined) ?? Array.from({ length: count }, () => fallback);
    if (found.length !== count) n.fail(`${name} has ${found.length} entries for ${rank} spatial axes`);
    return found;
  };
  const window = {
    kernel,
    strides: list("strides", 1),
    dilations: list("dilations", 1),
    pads: list("pads", 0, 2 * rank),
    autoPad: n.string("auto_pad", "NOTSET"),
  };
  if (kernel.length !== rank) n.fail(`kernel has ${kernel.length} axes for ${rank} spatial axes`);
  const positive = [...window.strides, ...window.dilations].every((value) => Number.isSafeInteger(value) && value > 0);
  if (!positive) n.fail("strides and dilations must be positive");
  return window;
}

/** (kernel − 1) · dilation + 1 */
const reach = (window: Window, axis: number): Dim =>
  addDims(mulDims(subDims(window.kernel[axis]!, 1), window.dilations[axis]!), 1);

const padding = (window: Window, axis: number): number => window.pads[axis]! + window.pads[axis + window.strides.length]!;

/** Positions of a window along one axis. */
function positions(n: NodeView, dim: Dim, window: Window, { axis, ceil = false }: { axis: number; ceil?: boolean }): Dim {
  const stride = window.strides[axis]!;
  if (window.autoPad === "SAME_UPPER" || window.autoPad === "SAME_LOWER") return ceilDiv(dim, stride);
  const pads = window.autoPad === "VALID" ? 0 : padding(window, axis);
  const room = subDims(addDims(dim, pads), reach(window, axis));
  if (typeof room === "number" && room < 0)
    n.fail(`a window of ${reach(window, axis)} does not fit ${dim} entries with padding ${pads}`);
  const count = addDims((ceil ? ceilDiv : floorDiv)(room, stride), 1);
  if (!ceil || typeof count !== "number" || typeof dim !== "number") return count;
  // A window that would start in the padding behind the image is left out.
  return (count - 1) * stride >= dim + (window.autoPad === "VALID" ? 0 : window.pads[axis]!) ? count - 1 : count;
}

function spatial(n: NodeView, input = 0): readonly Dim[] | undefined {
  const dims = n.dims(input);
  if (dims !== undefined && dims.length < 3) n.fail(`takes rank 3 or more, got ${dims.length}`);
  return dims;
}

const convolve =
  (weights: number): Rule =>
  (n) => {
    const dims = spatial(n);
    const kernel = n.dims(weights);
    const elementType = n.node.op.startsWith("Q") ? n.elementType(7) : n.node.op === "ConvInteger" ? "int32" : n.elementType(0);
    if (dims === undefined || kernel === undefined) return [{ elementType, dims: dims && n.unknownDims(dims.length) }];
    if (kernel.length !== dims.length) n.fail(`weights have rank ${kernel.length}, the input ${dims.length}`);
    checkGroups(n, dims[1]!, mulDims(kernel[1]!, n.int("group", 1)));
    const window = windowOf(n, dims.length - 2, n.ints("kernel_shape", undefined) ?? kernel.slice(2));
    const out = dims.slice(2).map((dim, axis) => positions(n, dim, window, { axis }));
    return [{ elementType, dims: [dims[0]!, kernel[0]!, ...out] }];
  };

function checkGroups(n: NodeView, channels: Dim, weights: Dim): void {
  if (n.int("group", 1) < 1) n.fail(`has ${n.int("group", 1)} groups`);
  if (typeof channels === "number" && typeof weights === "number" && channels !== weights) {
    n.fail(`the input has ${channels} channels, the weights take ${weights}`);
  }
}

const convTranspose: Rule = (n) => {
  const dims = spatial(n);
  const kernel = n.dims(1);
  if (dims === undefined || kernel === undefined) return [{}];
  if (kernel.length !== dims.length) n.fail(`weights have rank ${kernel.length}, the input ${dims.length}`);
  const rank = dims.length - 2;
  const window = windowOf(n, rank, n.ints("kernel_shape", undefined) ?? kernel.slice(2));
  const extra = n.ints(
    "output_padding",
    Array.from({ length: rank }, () => 0),
  );
  const wanted = n.ints("output_shape", undefined);
  const out = dims.slice(2).map((dim, axis) => {
    const asked = wanted?.[axis + wanted.length - rank];
    if (asked !== undefined) return asked;
    if (window.autoPad.startsWith("SAME")) return mulDims(dim, window.strides[axis]!);
    const grown = addDims(mulDims(subDims(dim, 1), window.strides[axis]!), addDims(reach(window, axis), extra[axis] ?? 0));
    return subDims(grown, window.autoPad === "VALID" ? 0 : padding(window, axis));
  });
  for (const dim of out) if (typeof dim === "number" && dim < 0) n.fail(`gives dimension ${dim}`);
  return [{ dims: [dims[0]!, mulDims(kernel[1]!, n.int("group", 1)), ...out] }];
};

const pool: Rule = (n) => {
  const dims = spatial(n);
  if (dims === undefined) return [{}, { elementType: "int64" }];
  const window = windowOf(n, dims.length - 2, n.ints("kernel_shape", []));
  const ceil = n.int("ceil_mode", 0) === 1;
  const out = [...dims.slice(0, 2), ...dims.slice(2).map((dim, axis) => positions(n, dim, window, { axis, ceil }))];
  return [{ dims: out }, { dims: out, elementType: "int64" }];
};

const globalPool: Rule = (n) => [{ dims: n.dims(0)?.map((dim, i) => (i < 2 ? dim : 1)) }];

const maxUnpool: Rule = (n) => {
  const dims = spatial(n);
  if (dims === undefined) return [{}];
  if (n.has(2)) return [{ dims: freshShape(n, n.elements(2) ?? n.unknownDims(dims.length)) }];
  const window = windowOf(n, dims.length - 2, n.ints("kernel_shape", []));
  const out = dims.slice(2).map((dim, axis) => {
    const grown = addDims(mulDims(subDims(dim, 1), window.strides[axis]!), window.kernel[axis]!);
    return subDims(grown, padding(window, axis));
  });
  return [{ dims: [...dims.slice(0, 2), ...out] }];
};

const rois =
  (height: (n: NodeView) => readonly Dim[]): Rule =>
  (n) => [{ dims: [n.dims(1)?.[0] ?? null, n.dims(0)?.[1] ?? null, ...height(n)] }];

const deformConv: Rule = (n) => {
  const dims = spatial(n);
  const kernel = n.dims(1);
  if (dims === undefined || kernel === undefined) return [{}];
  const window = windowOf(n, dims.length - 2, n.ints("kernel_shape", undefined) ?? kernel.slice(2));
  return [{ dims: [dims[0]!, kernel[0]!, ...dims.slice(2).map((dim, axis) => positions(n, dim, window, { axis }))] }];
};

const col2Im: Rule = (n) => {
  const dims = n.dims(0);
  const rank = n.dims(1)?.[0];
  const image = n.elements(1) ?? (typeof rank === "number" && rank <= 64 ? n.unknownDims(rank) : undefined);
  const block = n.elements(2);
  if (dims === undefined || image === undefined) return [{}];
  const channels = block === undefined ? null : divideExactly(dims[1] ?? null, productOf(block));
  return [{ dims: [dims[0] ?? null, channels, ...freshShape(n, image)!] }];
};

/** Resize since opset 10 and Upsample before: sizes are given, or the input's times scales, rounded down. */
const resize: Rule = (n) => {
  const dims = n.dims(0);
  if (dims === undefined) return [{}];
  const isOld = n.node.op === "Upsample" || n.opset < 11;
  const axes = n.ints("axes", undefined)?.map((axis) => n.axis(axis, dims.length)) ?? dims.map((_, i) => i);
  const scales = n.ints("scales", undefined) === undefined ? n.elements(isOld ? 1 : 2) : undefined;
  const sizes = isOld ? undefined : n.elements(3);
  const result = [...dims];
  const unknown = (): readonly Dim[] => dims.map((dim, axis) => (axes.includes(axis) ? n.fresh() : dim));
  if (sizes !== undefined && n.has(3)) {
    const known = freshShape(n, sizes)!;
    const policy = n.string("keep_aspect_ratio_policy", "stretch");
    if (policy !== "stretch") return [{ dims: aspect(dims, { axes, sizes: known, policy }) }];
    for (const [i, axis] of axes.entries()) result[axis] = known[i] ?? null;
    return [{ dims: result }];
  }
  if (scales === undefined || scales.length === 0) return [{ dims: unknown() }];
  for (const [i, axis] of axes.entries()) result[axis] = scaled(n, dims[axis]!, scales[i] ?? null);
  return [{ dims: result }];
};

function scaled(n: NodeView, dim: Dim, scale: Dim): Dim {
  if (typeof scale !== "number" || scale < 0) return scale === null ? n.fresh() : n.fail("scales by a negative factor");
  if (typeof dim === "number") return Math.floor(dim * scale);
  if (scale === 1) return dim;
  if (Number.isInteger(scale)) return mulDims(dim, scale);
  const inverse = 1 / scale;
  return Number.isInteger(inverse) ? floorDiv(dim, inverse) : dim === null ? null : n.fresh([mulDims(dim, Math.ceil(scale))]);
}

/** One common scale, the smallest or the largest that was asked for (Resize, keep_aspect_ratio_policy). */
function aspect(dims: readonly Dim[], asked: { axes: readonly number[]; sizes: readonly Dim[]; policy: string }): Dim[] {
  const { axes, sizes, policy } = asked;
  const ratios = axes.map((axis, i) => Number(sizes[i]) / Number(dims[axis]));
  const known = axes.every((axis, i) => typeof dims[axis] === "number" && typeof sizes[i] === "number");
  const scale = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  return dims.map((dim, axis) => (axes.includes(axis) ? (known ? Math.round(Number(dim) * scale) : null) : dim));
}

const upsampleByAttribute: Rule = (n) => {
  const dims = n.dims(0);
  const scales = n.node.attributes.get("scales");
  if (scales?.kind !== "floats") return resize(n);
  return [{ dims: dims?.map((dim, i) => scaled(n, dim, scales.value[i] ?? null)) }];
};

const gridSample: Rule = (n) => {
  const [x, grid] = [n.dims(0), n.dims(1)];
  return [{ dims: x === undefined || grid === undefined ? undefined : [...x.slice(0, 2), ...grid.slice(1, -1)] }];
};

export const windows: Rules = {
  Conv: convolve(1),
  ConvInteger: convolve(1),
  QLinearConv: convolve(3),
  ConvTranspose: convTranspose,
  DeformConv: deformConv,
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
  MaxUnpool: maxUnpool,
  MaxRoiPool: rois((n) => n.ints("pooled_shape", [])),
  RoiAlign: rois((n) => [n.int("output_height", 1), n.int("output_width", 1)]),
  Col2Im: col2Im,
  Resize: resize,
  Upsample: upsampleByAttribute,
  GridSample: gridSample,
};
