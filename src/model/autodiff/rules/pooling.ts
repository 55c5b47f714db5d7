/** Pooling. */
import { defineGradient, defineLowering } from "../define.ts";
import type { NodeContext } from "../define.ts";
import { spread, windowSums } from "../patterns/convolve.ts";
import { maximaOf } from "../patterns/maxima.ts";
import { windowOf } from "../patterns/window.ts";
import { range } from "../value.ts";
import type { Size, Value } from "../value.ts";

const spatialSizes = ({ op, x }: NodeContext): Size[] => op.sizes(x).slice(2);

const spatialAxes = ({ op, x }: NodeContext): number[] => range(op.rank(x), 2);

/** The maximum passes its gradient to the element it came from; the first one where several are equal, as in PyTorch. */
export const maxPool = defineGradient("MaxPool", (context) => {
  const { g, x, op } = context;
  const indices = maximaOf(context);
  if (isDisjoint(context)) {
    // Where windows do not overlap no two maxima meet, and writing them is three times as fast as adding them.
    const attributes = { kernel_shape: context.attrs.ints("kernel_shape")! };
    return [op.emit({ op: "MaxUnpool", inputs: [g, indices, op.shape(x)], outputs: [x], attributes })[0]!];
  }
  const count = op.product(...op.sizes(g));
  const zeros = op.full([op.product(...op.sizes(x))], 0, x);
  const [places, parts] = [op.reshape(indices, [count]), op.reshape(g, [count])];
  return [op.reshapeLike(op.scatterElements(zeros, places, parts, { axis: 0, reduction: "add" }), x)];
});

/** Whether each element lies in one window at most. */
function isDisjoint({ attrs }: NodeContext): boolean {
  const kernel = attrs.ints("kernel_shape")!;
  return kernel.every((length, i) => (attrs.ints("dilations")?.[i] ?? 1) === 1 && (attrs.ints("strides")?.[i] ?? 1) >= length);
}

/** Each output is a weighted sum of its window: v elements of weight a/v, where a is what the node makes of all ones. */
export const averagePool = defineGradient("AveragePool", (context) => {
  const { node, g, x, y, op, attrs } = context;
  const window = windowOf(context, attrs.ints("kernel_shape")!, { x, y });
  const ones = op.full([1, 1, ...spatialSizes(context)], 1, x);
  const dims = y.dims && [1, 1, ...y.dims.slice(2)];
  const attributes = Object.fromEntries(node.attributes);
  const mean = op.emit({ op: "AveragePool", inputs: [ones], outputs: [{ type: x.type, dims }], attributes })[0]!;
  const weight = op.div(mean, { ...windowSums(op, ones, window), dims });
  return [op.reshapeLike(spread(op, op.mul(g, weight), window, spatialSizes(context)), x)];
});

export const globalAveragePool = defineGradient("GlobalAveragePool", (context) => {
  const { g, x, op } = context;
  return [op.expandLike(op.div(g, op.countOf(x, spatialAxes(context))), x)];
});

export const globalMaxPool = defineGradient("GlobalMaxPool", ({ g, x, op }) => {
  const [batch, channels, ...spatial] = op.sizes(x);
  const flat = op.reshape(x, [batch!, channels!, op.product(...spatial)]);
  const added = op.scatterElements(op.zerosLike(flat), op.argMax(flat, 2), op.reshape(g, [batch!, channels!, 1]), {
    axis: 2,
    reduction: "add",
  });
  return [op.reshapeLike(added, x)];
});

/** (Σ |x|ᵖ)^{1/p} over a window. */
export const lpPool = defineLowering("LpPool", (context) => {
  const { x, y, op, attrs } = context;
  const p = attrs.int("p", 2);
  const window = windowOf(context, attrs.ints("kernel_shape")!, { x, y });
  return [op.pow(windowSums(op, op.pow(op.abs(x), p), window), 1 / p)];
});

export const globalLpPool = defineLowering("GlobalLpPool", (context) => {
  const { x, op, attrs } = context;
  const p = attrs.int("p", 2);
  return [op.pow(op.sum(op.pow(op.abs(x), p), spatialAxes(context)), 1 / p)];
});

/** Values go where the indices say, in a tensor of the larger shape. */
export const maxUnpool = defineGradient("MaxUnpool", ({ g, xs, op }) => {
  const [x, indices] = xs as [Value, Value];
  const flat = op.reshape(g, [op.product(...op.sizes(g))]);
  return [op.reshapeLike(op.gather(flat, indices, 0), x)];
});
