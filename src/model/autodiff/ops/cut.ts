/** Operators that cut tensors, join them, and put borders around them. */
import { tensorOf } from "../../onnx/index.ts";
import type { Scope } from "../scope.ts";
import { axisOf, dimOf } from "../value.ts";
import type { Size, Value } from "../value.ts";
import { single } from "./size.ts";
import type { sizeOps } from "./size.ts";

/** What a slice takes of each of its axes. */
export interface Cut {
  readonly axis: number;
  readonly start: number;
  /** Default: to the end. */
  readonly end?: number;
  readonly step?: number;
}

const toEnd = 2 ** 53;

/** The part of the builder that cuts and joins. */
export function cutOps(scope: Scope, of: ReturnType<typeof sizeOps>) {
  const one = single(scope);
  const { ints, rank, shapeTensor, affine } = of;

  function concat(parts: readonly Value[], axis: number): Value {
    if (parts.length === 1) return parts[0]!;
    const first = parts[0]!;
    const at = axisOf(axis, first.dims?.length ?? 0);
    const along = parts.map(({ dims }) => dims?.[at]);
    const total = along.every((dim) => typeof dim === "number") ? along.reduce<number>((a, b) => a + (b as number), 0) : null;
    return one(
      "Concat",
      parts,
      first.dims?.map((dim, i) => (i === at ? total : dim)),
      { axis: at },
    );
  }

  function split(x: Value, lengths: readonly number[], axis: number): readonly Value[] {
    if (lengths.length === 1) return [x];
    const at = axisOf(axis, rank(x));
    const outputs = lengths.map((length) => ({ type: x.type, dims: x.dims!.map((dim, i) => (i === at ? length : dim)) }));
    return scope.emit({ op: "Split", inputs: [x, ints(lengths)], outputs, attributes: { axis: at } });
  }

  function slice(x: Value, cuts: readonly Cut[]): Value {
    const real = cuts.filter(({ start, end = toEnd, step = 1, axis }) => {
      const dim = x.dims?.[axis];
      return !(start === 0 && step === 1 && (end >= toEnd || (typeof dim === "number" && end >= dim)));
    });
    if (real.length === 0) return x;
    const dims = x.dims?.map((dim, axis) => {
      const cut = real.find((item) => item.axis === axis);
      return cut === undefined ? dim : typeof dim === "number" ? cutLength(dim, cut) : null;
    });
    const column = (of: (cut: Cut) => number): Value => ints(real.map(of));
    return one(
      "Slice",
      [
        x,
        column(({ start }) => start),
        column(({ end = toEnd, step = 1 }) => (step < 0 && end >= toEnd ? -toEnd : end)),
        column(({ axis }) => axis),
        column(({ step = 1 }) => step),
      ],
      dims,
    );
  }

  /** `lengths` elements of the last axes from `starts` in steps: what one tap of a moving window sees. */
  function strided(
    x: Value,
    {
      starts,
      lengths,
      steps,
    }: { readonly starts: readonly number[]; readonly lengths: readonly Size[]; readonly steps: readonly number[] },
  ): Value {
    const first = rank(x) - starts.length;
    const axes = starts.map((_, i) => first + i);
    const ends = lengths.map((length, i) => affine(length, steps[i]!, starts[i]! + 1 - steps[i]!));
    if (ends.every((end) => typeof end === "number"))
      return slice(
        x,
        axes.map((axis, i) => ({ axis, start: starts[i]!, end: ends[i] as number, step: steps[i]! })),
      );
    const dims = x.dims!.map((dim, i) => (i < first ? dim : dimOf(lengths[i - first]!)));
    return one("Slice", [x, ints(starts), shapeTensor(ends), ints(axes), ints(steps)], dims);
  }

  /** Zeros (or `value`) before and after each axis. */
  function pad(x: Value, before: readonly Size[], after: readonly Size[], value = 0): Value {
    if ([...before, ...after].every((item) => item === 0)) return x;
    const dims = x.dims?.map((dim, i) => {
      const [b, a] = [before[i]!, after[i]!];
      if (b === 0 && a === 0) return dim;
      return typeof dim === "number" && typeof b === "number" && typeof a === "number" ? dim + b + a : null;
    });
    const filling = value === 0 ? undefined : scope.constant(tensorOf(x.type, [], [value]));
    return one("Pad", [x, shapeTensor([...before, ...after]), filling], dims, { mode: "constant" });
  }

  return { concat, split, slice, strided, pad };
}

/** How many elements a cut takes of a dimension (the rules of ONNX Slice: negative from the end, then clamped). */
export function cutLength(dim: number, { start, end = toEnd, step = 1 }: Cut): number {
  const clamp = (at: number, low: number, high: number): number => Math.min(Math.max(at, low), high);
  const from = clamp(start < 0 ? start + dim : start, 0, step > 0 ? dim : dim - 1);
  const to = end <= -toEnd && step < 0 ? -1 : clamp(end < 0 ? end + dim : end, step > 0 ? 0 : -1, dim);
  return Math.max(0, Math.ceil((to - from) / step));
}
