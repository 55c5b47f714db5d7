/** Shapes: fixed constants where they are known, computed when the model runs where not. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { tensorOf } from "../../onnx/index.ts";
import type {} from "../errors.ts";
import type { Scope } from "../scope.ts";
import { axisOf, isFixed, range } from "../value.ts";
import type { Dims, Size, Value } from "../value.ts";

/** Writes an operator with one output of its first input's element type. */
export const single =
  (scope: Scope) =>
  (
    op: string,
    inputs: readonly (Value | undefined)[],
    dims: Dims,
    attributes?: Record<string, number | readonly number[] | string>,
  ): Value =>
    scope.emit({ op, inputs, outputs: [{ type: inputs[0]!.type, dims }], attributes })[0]!;

/** The part of the builder that knows sizes. */
export function sizeOps(scope: Scope) {
  const one = single(scope);

  const ints = (values: readonly number[]): Value => scope.constant(tensorOf("int64", [values.length], values));

  function rank(x: Value): number {
    if (x.dims !== undefined) return x.dims.length;
    throw new ModelkeepError("autodiff/unknown-shape", {
      message: `the rank of ${quote(x.name)} is not known`,
      hint: "give the model's inputs fixed shapes, so that shapes can be inferred through the graph",
      status: 400,
    });
  }

  /** The shape as an int64 vector. */
  function shape(x: Value): Value {
    if (isFixed(x.dims)) return ints(x.dims);
    return scope.emit({ op: "Shape", inputs: [x], outputs: [{ type: "int64", dims: [x.dims?.length ?? null] }] })[0]!;
  }

  function size(x: Value, axis: number): Size {
    const at = axisOf(axis, rank(x));
    const dim = x.dims![at]!;
    if (typeof dim === "number") return dim;
    const value = scope.emit({
      op: "Gather",
      inputs: [shape(x), ints([at])],
      outputs: [{ type: "int64", dims: [1] }],
      attributes: { axis: 0 },
    })[0]!;
    return { value, dim };
  }

  const sizes = (x: Value): Size[] => range(rank(x)).map((axis) => size(x, axis));

  const sizeValue = (of: Size): Value => (typeof of === "number" ? ints([of]) : of.value);

  function product(...factors: readonly Size[]): Size {
    const fixed = factors.reduce<number>((total, factor) => (typeof factor === "number" ? total * factor : total), 1);
    const open = factors.filter((factor) => typeof factor !== "number");
    if (open.length === 0 || fixed === 0) return fixed;
    if (open.length === 1 && fixed === 1) return open[0]!;
    const values = [...open.map(({ value }) => value), ...(fixed === 1 ? [] : [ints([fixed])])];
    const value = values.reduce((a, b) => scope.emit({ op: "Mul", inputs: [a, b], outputs: [{ type: "int64", dims: [1] }] })[0]!);
    return { value, dim: null };
  }

  /** size · factor + offset */
  function affine(of: Size, factor: number, offset: number): Size {
    if (typeof of === "number") return of * factor + offset;
    const times = product(of, factor) as Exclude<Size, number>;
    if (offset === 0) return times;
    const value = scope.emit({ op: "Add", inputs: [times.value, ints([offset])], outputs: [{ type: "int64", dims: [1] }] })[0]!;
    return { value, dim: null };
  }

  /** An int64 vector of sizes. */
  function shapeTensor(of: readonly Size[]): Value {
    if (of.every((item) => typeof item === "number")) return ints(of);
    const pieces: Value[] = [];
    let run: number[] = [];
    const flush = (): void => {
      if (run.length > 0) pieces.push(ints(run));
      run = [];
    };
    for (const item of of) {
      if (typeof item === "number") run.push(item);
      else {
        flush();
        pieces.push(item.value);
      }
    }
    flush();
    return pieces.length === 1
      ? pieces[0]!
      : scope.emit({
          op: "Concat",
          inputs: pieces,
          outputs: [{ type: "int64", dims: [of.length] }],
          attributes: { axis: 0 },
        })[0]!;
  }

  /** start, start + step, …, of `count` numbers; int64. */
  function count(of: Size): Value {
    if (typeof of === "number") return ints(range(of));
    const scalar = (value: number): Value => scope.constant(tensorOf("int64", [], [value]));
    const limit = one("Squeeze", [of.value, ints([0])], []);
    return scope.emit({ op: "Range", inputs: [scalar(0), limit, scalar(1)], outputs: [{ type: "int64", dims: [of.dim] }] })[0]!;
  }

  return { ints, rank, shape, size, sizes, sizeValue, product, affine, shapeTensor, count };
}
