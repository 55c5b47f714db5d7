/** Convolutions in one to three dimensions, with groups, strides, dilation and all paddings. */
import { defineGradient } from "../define.ts";
import type { GradientContext } from "../define.ts";
import { inputGradient } from "../patterns/convolve.ts";
import { weightGradient } from "../patterns/weight-gradient.ts";
import { kernelOf, windowOf } from "../patterns/window.ts";
import { range } from "../value.ts";
import type { Value } from "../value.ts";

export const conv = defineGradient("Conv", (context) => {
  const { g, xs, y, op, attrs, wants, scope } = context;
  const [x, w] = xs as [Value, Value];
  const window = windowOf(context, kernelOf(context, w), { x, y });
  const convolution = { w, window, group: attrs.int("group", 1), blocks: scope.blocks };
  return [
    wants(0) ? inputGradient(op, g, convolution, op.sizes(x).slice(2)) : undefined,
    wants(1) ? weightGradient(op, { x, g }, convolution) : undefined,
    biasGradient(context),
  ];
});

/** A transposed convolution is the input gradient of a convolution from y to x: its own gradients are that convolution's. */
export const convTranspose = defineGradient("ConvTranspose", (context) => {
  const { xs, op, attrs, wants, scope } = context;
  const [x, w] = xs as [Value, Value];
  const group = attrs.int("group", 1);
  const { read, window } = transposedReading(context, w);
  return [
    wants(0) ? { ...op.conv(read, w, window, group), dims: x.dims } : undefined,
    wants(1) ? weightGradient(op, { x: read, g: x }, { w, window, group, blocks: scope.blocks }) : undefined,
    biasGradient(context),
  ];
});

/** What a transposed convolution's inputs gave: the gradient of its output, and how the convolution that reads it moves. */
export function transposedReading(context: GradientContext, w: Value) {
  const { op, g } = context;
  const window = transposedWindow(context, kernelOf(context, w));
  const n = window.kernel.length;
  // Output padding is output that no input reached: the convolution must not read it.
  const read = op.slice(
    g,
    range(n).map((i) => ({ axis: 2 + i, start: 0, end: window.pads[n + i]! < 0 ? window.pads[n + i]! : 2 ** 53 })),
  );
  return { read, window: { ...window, pads: window.pads.map((pad) => Math.max(0, pad)) } };
}

/** Pads of a transposed convolution as its output used them; output padding shows as a negative pad at the end. */
function transposedWindow(context: GradientContext, kernel: readonly number[]) {
  const { attrs, x, y } = context;
  const n = kernel.length;
  const strides = attrs.ints("strides") ?? range(n).map(() => 1);
  const dilations = attrs.ints("dilations") ?? range(n).map(() => 1);
  const extra = attrs.ints("output_padding") ?? range(n).map(() => 0);
  const mode = attrs.string("auto_pad", "NOTSET");
  const given = attrs.ints("pads") ?? range(2 * n).map(() => 0);
  const wantsShape = attrs.has("output_shape") || mode.startsWith("SAME");
  if (!wantsShape)
    return { kernel, strides, dilations, pads: [...given.slice(0, n), ...range(n).map((i) => given[n + i]! - extra[i]!)] };
  const totals = range(n).map((i) => {
    const [length, out] = [x.dims?.[2 + i], y.dims?.[2 + i]];
    if (typeof length !== "number" || typeof out !== "number")
      throw context.refuse("its padding depends on a size that is not known", "give the model's inputs fixed sizes");
    return (length - 1) * strides[i]! + dilations[i]! * (kernel[i]! - 1) + 1 + extra[i]! - out;
  });
  const begins = totals.map((total) => (mode === "SAME_UPPER" ? Math.floor(total / 2) : Math.ceil(total / 2)));
  return { kernel, strides, dilations, pads: [...begins, ...totals.map((total, i) => total - begins[i]! - extra[i]!)] };
}

const biasGradient = ({ g, xs, op }: GradientContext): Value | undefined => xs[2] && op.channelSum(g);
