/** Picking elements by index, and adding them back where they came from. */
import type { Scope } from "../scope.ts";
import { axisOf, broadcastDims, range } from "../value.ts";
import type { Dims, Size, Value } from "../value.ts";
import type { elementwiseOps } from "./elementwise.ts";
import { inversePermutation } from "./arrange.ts";
import type { shapeOps } from "./shape.ts";

/** The part of the builder that works with indices. */
export function gatherOps(scope: Scope, op: ReturnType<typeof elementwiseOps> & ReturnType<typeof shapeOps>) {
  const one = (
    name: string,
    inputs: readonly Value[],
    dims: Dims,
    attributes?: Record<string, number | string | undefined>,
  ): Value => scope.emit({ op: name, inputs, outputs: [{ type: inputs[0]!.type, dims }], attributes })[0]!;

  function gather(x: Value, indices: Value, axis: number): Value {
    const at = x.dims === undefined ? axis : axisOf(axis, x.dims.length);
    const dims =
      x.dims === undefined || indices.dims === undefined
        ? undefined
        : [...x.dims.slice(0, at), ...indices.dims, ...x.dims.slice(at + 1)];
    return one("Gather", [x, indices], dims, { axis: at });
  }

  const scatterND = (x: Value, indices: Value, updates: Value, reduction?: "add" | "mul"): Value =>
    one("ScatterND", [x, indices, updates], x.dims, { reduction });

  const scatterElements = (
    x: Value,
    indices: Value,
    updates: Value,
    options: { readonly axis: number; readonly reduction?: "add" },
  ): Value => one("ScatterElements", [x, indices, updates], x.dims, { axis: options.axis, reduction: options.reduction });

  return {
    gather,
    gatherElements: (x: Value, indices: Value, axis: number): Value =>
      one("GatherElements", [x, indices], indices.dims, { axis }),
    gatherND(x: Value, indices: Value, batchDims = 0, dims?: Dims): Value {
      return one("GatherND", [x, indices], dims ?? gatherNDDims(x.dims, indices.dims, batchDims), {
        batch_dims: batchDims === 0 ? undefined : batchDims,
      });
    },
    scatterND,
    scatterElements,
    /** A tensor of `size` along `axis` into which slices of `g` are added at `indices` (one dimension, not negative). */
    addAlong(g: Value, indices: Value, axis: number, size: Size): Value {
      const rank = op.rank(g);
      const perm = [axis, ...range(rank).filter((i) => i !== axis)];
      const moved = op.transpose(g, perm);
      const target = op.full([size, ...op.sizes(moved).slice(1)], 0, g);
      const added = scatterND(target, op.unsqueeze(indices, [1]), moved, "add");
      return op.transpose(added, inversePermutation(perm));
    },
    /** A condition shaped so that it is true where column index − row index ≥ k (see Trilu). */
    trilu(x: Value, k: Value | undefined, upper: boolean): Value {
      return scope.emit({
        op: "Trilu",
        inputs: [x, k],
        outputs: [{ type: x.type, dims: x.dims }],
        attributes: { upper: Number(upper) },
      })[0]!;
    },
    /** Indices counted from the front of an axis of `size`. */
    fromFront(indices: Value, size: Size): Value {
      const known = scope.numbers(indices);
      if (known?.every((index) => index >= 0) ?? false) return indices;
      const limit = typeof size === "number" ? size : size.value;
      const wrapped = op.add(indices, typeof limit === "number" ? limit : op.cast(op.reshape(limit, []), indices.type));
      return { ...op.where(op.less(indices, 0), wrapped, indices), dims: broadcastDims(indices.dims, []) };
    },
  };
}

/** The shape that GatherND gives. */
export function gatherNDDims(data: Dims, indices: Dims, batchDims: number): Dims {
  const depth = indices?.at(-1);
  if (data === undefined || indices === undefined || typeof depth !== "number") return undefined;
  return [...indices.slice(0, -1), ...data.slice(batchDims + depth)];
}
