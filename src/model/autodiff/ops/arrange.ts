/** Operators that give the same elements another arrangement. */
import { tensorOf } from "../../onnx/index.ts";
import type { Dim } from "../../onnx/index.ts";
import type { Scope } from "../scope.ts";
import { axisOf, dimOf, sameDims } from "../value.ts";
import type { Operand, Size, Value } from "../value.ts";
import { single } from "./size.ts";
import type { sizeOps } from "./size.ts";

/** The part of the builder that reshapes and stretches. */
export function arrangeOps(scope: Scope, of: ReturnType<typeof sizeOps>) {
  const one = single(scope);
  const { ints, shape, sizes, shapeTensor } = of;

  function reshape(x: Value, to: readonly Size[]): Value {
    const dims = to.map(dimOf);
    if (sameDims(x.dims, dims)) return x;
    const open = to.filter((item) => typeof item !== "number").length;
    const source = reshaped.get(x.name) ?? x;
    if (sameDims(source.dims, dims)) return source;
    // One unknown size is what is left over: a constant shape serves every batch. Zeros would make that ambiguous.
    const spec = open === 1 && !to.includes(0) ? ints(to.map((item) => (typeof item === "number" ? item : -1))) : shapeTensor(to);
    return noted(source, one("Reshape", [source, spec], dims, to.includes(0) ? { allowzero: 1 } : undefined));
  }

  // Reshapes in a row become one: fewer nodes, and ONNX Runtime 1.30 fails to load some rows ("Attempting to get index by a name which
  // does not exist") when it fuses them itself.
  const reshaped = new Map<string, Value>();

  const noted = (source: Value, result: Value): Value => {
    reshaped.set(result.name, source);
    return result;
  };

  /** The elements in the shape of another tensor that has as many. */
  function reshapeLike(x: Value, like: Value): Value {
    if (sameDims(x.dims, like.dims)) return x;
    const source = reshaped.get(x.name) ?? x;
    if (sameDims(source.dims, like.dims)) return source;
    const open = like.dims?.filter((dim) => typeof dim !== "number").length ?? 2;
    return open > 1 ? noted(source, one("Reshape", [source, shape(like)], like.dims)) : reshape(source, sizes(like));
  }

  function transpose(x: Value, perm: readonly number[]): Value {
    if (perm.every((axis, i) => axis === i)) return x;
    return one("Transpose", [x], x.dims === undefined ? undefined : perm.map((axis) => x.dims![axis]!), { perm });
  }

  function expand(x: Value, to: readonly Size[]): Value {
    const dims = to.map(dimOf);
    return sameDims(x.dims, dims) ? x : one("Expand", [x, shapeTensor(to)], dims);
  }

  function expandLike(x: Value, like: Value): Value {
    return sameDims(x.dims, like.dims) ? x : one("Expand", [x, shape(like)], like.dims);
  }

  /** A tensor filled with one number. */
  function full(to: readonly Size[], value: Operand, like: Value): Value {
    const filling = typeof value === "number" ? scope.constant(tensorOf(like.type, [], [value])) : value;
    return one("Expand", [filling, shapeTensor(to)], to.map(dimOf));
  }

  function zerosLike(x: Value): Value {
    return one("Expand", [scope.constant(tensorOf(x.type, [], [0])), shape(x)], x.dims);
  }

  /** Removes axes of size 1. */
  function squeeze(x: Value, axes: readonly number[]): Value {
    if (axes.length === 0) return x;
    const gone = new Set(axes.map((axis) => axisOf(axis, x.dims?.length ?? 0)));
    return one(
      "Squeeze",
      [x, ints(axes)],
      x.dims?.filter((_, i) => !gone.has(i)),
    );
  }

  /** Adds axes of size 1; `axes` count in the result. */
  function unsqueeze(x: Value, axes: readonly number[]): Value {
    if (axes.length === 0) return x;
    if (x.dims === undefined) return one("Unsqueeze", [x, ints(axes)], undefined);
    const dims: Dim[] = [...x.dims];
    const total = dims.length + axes.length;
    for (const axis of axes.map((at) => axisOf(at, total)).sort((a, b) => a - b)) dims.splice(axis, 0, 1);
    return one("Unsqueeze", [x, ints(axes)], dims);
  }

  return { reshape, reshapeLike, transpose, expand, expandLike, full, zerosLike, squeeze, unsqueeze };
}

/** The opposite of a permutation. */
export function inversePermutation(perm: readonly number[]): number[] {
  const inverse: number[] = [];
  perm.forEach((from, to) => (inverse[from] = to));
  return inverse;
}
