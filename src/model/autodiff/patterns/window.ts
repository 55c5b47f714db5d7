/** How a convolution or pooling node moves its window, read from its attributes. */
import type { NodeContext } from "../define.ts";
import { reach } from "../ops/neural.ts";
import type { Window } from "../ops/neural.ts";
import { range } from "../value.ts";
import type { Value } from "../value.ts";

/**
 * The window of a node over `x`. Pads at the end are those that the output really used: with ceil_mode they exceed the declared
 * ones, and where the stride does not fit they are smaller, even negative (input that no window reaches).
 */
export function windowOf(
  context: NodeContext,
  kernel: readonly number[],
  { x, y }: { readonly x: Value; readonly y: Value },
): Window {
  const { attrs } = context;
  const n = kernel.length;
  const strides = attrs.ints("strides") ?? range(n).map(() => 1);
  const dilations = attrs.ints("dilations") ?? range(n).map(() => 1);
  const declared = declaredPads(context, { kernel, strides, dilations }, x);
  const ends = range(n).map((i) => {
    const [length, out] = [x.dims?.[2 + i], y.dims?.[2 + i]];
    if (typeof length !== "number" || typeof out !== "number") return declared[n + i]!;
    return (out - 1) * strides[i]! + reach(kernel[i]!, dilations[i]!) - length - declared[i]!;
  });
  return { kernel, strides, dilations, pads: [...declared.slice(0, n), ...ends] };
}

function declaredPads(context: NodeContext, { kernel, strides, dilations }: Omit<Window, "pads">, x: Value): readonly number[] {
  const { attrs } = context;
  const n = kernel.length;
  const mode = attrs.string("auto_pad", "NOTSET");
  if (mode === "NOTSET" || mode === "") return attrs.ints("pads") ?? range(2 * n).map(() => 0);
  if (mode === "VALID") return range(2 * n).map(() => 0);
  const totals = range(n).map((i) => {
    const [stride, span] = [strides[i]!, reach(kernel[i]!, dilations[i]!)];
    if (stride === 1) return span - 1;
    const length = x.dims?.[2 + i];
    if (typeof length !== "number")
      throw context.refuse("its automatic padding depends on a size that is not known", "give the model's inputs fixed sizes");
    return Math.max(0, (Math.ceil(length / stride) - 1) * stride + span - length);
  });
  // An odd amount puts the extra element at the end for SAME_UPPER, at the beginning for SAME_LOWER.
  const begins = totals.map((total) => (mode === "SAME_UPPER" ? Math.floor(total / 2) : Math.ceil(total / 2)));
  return [...begins, ...totals.map((total, i) => total - begins[i]!)];
}

/** The kernel of a convolution: its weights' spatial shape, else the attribute. */
export function kernelOf(context: NodeContext, weights: Value): readonly number[] {
  const dims = weights.dims?.slice(2);
  if (dims !== undefined && dims.every((dim) => typeof dim === "number")) return dims;
  const declared = context.attrs.ints("kernel_shape");
  if (declared !== undefined) return declared;
  throw context.refuse("the size of its kernel is not known", "give the model fixed shapes");
}

/** All positions of a kernel's taps, in the order of its elements. */
export function tapsOf(kernel: readonly number[]): readonly (readonly number[])[] {
  return kernel.reduce<readonly (readonly number[])[]>(
    (taps, length) => taps.flatMap((tap) => range(length).map((i) => [...tap, i])),
    [[]],
  );
}
