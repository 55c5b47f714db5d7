/**
 * The input's gradient of a convolution, for Conv as well as (roles exchanged) for ConvTranspose, and what windows see.
 * Dumoulin and Visin 2016, "A guide to convolution arithmetic" (arXiv:1603.07285), chapter 4.
 */
import type { Ops } from "../ops/index.ts";
import { reach } from "../ops/neural.ts";
import type { Window } from "../ops/neural.ts";
import { range } from "../value.ts";
import type { Size, Value } from "../value.ts";
import { tapsOf } from "./window.ts";

/** A convolution y = x ∗ w. `w` is [outputs, inputs / group, …kernel]. */
export interface Convolution {
  readonly w: Value;
  readonly window: Window;
  readonly group: number;
  /** Channels that a blocked kernel takes at once, where the graph will run on one. */
  readonly blocks?: number | undefined;
}

/** dx from dy: `sizes` are x's spatial sizes. */
export function inputGradient(op: Ops, g: Value, convolution: Convolution, sizes: readonly Size[]): Value {
  return flippedIsFaster(convolution) ? byFlippedKernel(op, g, convolution) : byTransposedConvolution(op, g, convolution, sizes);
}

/**
 * With stride 1 the gradient is a plain convolution with the kernel turned around, in ONNX Runtime's blocked kernel: its work is that of
 * whole blocks of 16 channels on either side. ConvTranspose multiplies and then adds column by column, which pays when there are few
 * channels, as before the first layer. Nanoseconds per tap and place, fitted to ONNX Runtime 1.30 on one AVX2 core (bench/gradient).
 */
function flippedIsFaster({ w, window, group }: Convolution): boolean {
  if (window.strides.some((stride) => stride !== 1)) return false;
  const [outputs, perGroup] = w.dims ?? [];
  if (typeof outputs !== "number" || typeof perGroup !== "number" || group !== 1) return true;
  const blocks = (channels: number): number => 16 * Math.ceil(channels / 16);
  const flipped = 0.0165 * blocks(outputs) * blocks(perGroup);
  const transposed = perGroup * (0.25 + 0.0185 * outputs);
  return flipped <= transposed;
}

function byFlippedKernel(op: Ops, g: Value, { w, window, group }: Convolution): Value {
  const { kernel, dilations, pads } = window;
  const n = kernel.length;
  const wanted = range(2 * n).map((i) => reach(kernel[i % n]!, dilations[i % n]!) - 1 - pads[i]!);
  const cuts = range(n).map((i) => ({
    axis: 2 + i,
    start: Math.max(0, -wanted[i]!),
    end: wanted[n + i]! < 0 ? wanted[n + i]! : 2 ** 53,
  }));
  const fitting = { ...window, pads: wanted.map((pad) => Math.max(0, pad)) };
  return op.conv(op.slice(g, cuts), turned(op, w, group), fitting, group);
}

/** [outputs, inputs / group, …] → [inputs, outputs / group, …], spatial axes reversed. */
export function turned(op: Ops, w: Value, group: number): Value {
  return exchanged(op, flipped(op, w), group);
}

function flipped(op: Ops, w: Value): Value {
  const last = -(2 ** 53);
  return op.slice(
    w,
    range(op.rank(w), 2).flatMap((axis) => (w.dims?.[axis] === 1 ? [] : [{ axis, start: -1, end: last, step: -1 }])),
  );
}

/** Inputs and outputs of each group change places. */
function exchanged(op: Ops, w: Value, group: number): Value {
  const rank = op.rank(w);
  const swap = [1, 0, ...range(rank, 2)];
  if (group === 1) return op.transpose(w, swap);
  const [outputs, perGroup, ...kernel] = op.sizes(w);
  const groups = op.reshape(w, [group, divided(op, outputs!, group), perGroup!, ...kernel]);
  const moved = op.transpose(groups, [0, 2, 1, ...range(rank + 1, 3)]);
  return op.reshape(moved, [op.product(group, perGroup!), divided(op, outputs!, group), ...kernel]);
}

/** A size that `by` divides. */
export function divided(op: Ops, size: Size, by: number): Size {
  if (typeof size === "number") return size / by;
  return { value: op.div(size.value, by), dim: null };
}

function byTransposedConvolution(op: Ops, g: Value, { w, window, group }: Convolution, sizes: readonly Size[]): Value {
  const { kernel, strides, pads } = window;
  const n = kernel.length;
  if (sizes.every((size) => typeof size === "number")) {
    // A negative pad at the end is input that no window reached: the transposed convolution adds it as output padding.
    const outputPadding = range(n).map((i) => Math.max(0, -pads[n + i]!));
    const fitting = { ...window, pads: pads.map((pad) => Math.max(0, pad)) };
    return op.convTranspose(g, w, fitting, { group, outputPadding });
  }
  const full = op.convTranspose(g, w, { ...window, pads: pads.map(() => 0) }, { group });
  const rest = strides.map((stride, i) => stride - 1 + Math.max(0, pads[n + i]!));
  const padded = op.pad(
    full,
    range(2 + n).map(() => 0),
    [0, 0, ...rest],
  );
  return op.strided(padded, { starts: pads.slice(0, n), lengths: sizes, steps: strides.map(() => 1) });
}

/**
 * What every place of the window sees, [batch, channels · taps, …places]: a convolution of each channel with kernels that are 1 at one tap.
 * Where the window strides, ONNX Runtime 1.30 reads this 2 to 5 times as fast as slices with steps, which go element by element.
 */
export function patches(op: Ops, x: Value, window: Window): Value {
  const channels = x.dims![1] as number;
  const n = window.kernel.length;
  const taps = tapsOf(window.kernel).length;
  const cut = op.slice(
    x,
    range(n).map((i) => ({ axis: 2 + i, start: 0, end: window.pads[n + i]! < 0 ? window.pads[n + i]! : 2 ** 53 })),
  );
  const kernel = op.oneTap(x.type, channels, window.kernel);
  const seen = op.conv(cut, kernel, { ...window, pads: window.pads.map((pad) => Math.max(0, pad)) }, channels);
  return { ...seen, dims: [x.dims![0]!, channels * taps, ...seen.dims!.slice(2)] };
}

/** What each tap of the window sees: tensors of the output's spatial shape. */
export function tapInputs(
  op: Ops,
  x: Value,
  { kernel, strides, dilations, pads }: Window,
  places: readonly Size[],
): readonly Value[] {
  const n = kernel.length;
  const padded = op.pad(
    x,
    [0, 0, ...pads.slice(0, n).map((pad) => Math.max(0, pad))],
    [0, 0, ...pads.slice(n).map((pad) => Math.max(0, pad))],
  );
  return tapsOf(kernel).map((tap) =>
    op.strided(padded, { starts: tap.map((at, i) => at * dilations[i]!), lengths: places, steps: strides }),
  );
}

/** The opposite of {@link tapInputs} for a window's plain sum: every place gives its value to all inputs that it saw. */
export function spread(op: Ops, g: Value, window: Window, sizes: readonly Size[]): Value {
  const [batch, channels, ...places] = op.sizes(g);
  const planes = op.reshape(g, [op.product(batch!, channels!), 1, ...places]);
  const ones = op.full([1, 1, ...window.kernel], 1, g);
  const dx = inputGradient(op, planes, { w: ones, window, group: 1 }, sizes);
  return op.reshape(dx, [batch!, channels!, ...sizes]);
}

/** Sums of windows, channel by channel. */
export function windowSums(op: Ops, x: Value, window: Window): Value {
  const [batch, channels, ...sizes] = op.sizes(x);
  const planes = op.reshape(x, [op.product(batch!, channels!), 1, ...sizes]);
  const n = window.kernel.length;
  const cut = op.slice(
    planes,
    range(n).map((i) => ({ axis: 2 + i, start: 0, end: window.pads[n + i]! < 0 ? window.pads[n + i]! : 2 ** 53 })),
  );
  const sums = op.conv(cut, op.full([1, 1, ...window.kernel], 1, x), {
    ...window,
    pads: window.pads.map((pad) => Math.max(0, pad)),
  });
  return op.reshape(sums, [batch!, channels!, ...op.sizes(sums).slice(2)]);
}
