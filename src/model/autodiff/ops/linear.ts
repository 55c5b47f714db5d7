/** Products of matrices. */
import type { Scope } from "../scope.ts";
import { broadcastDims, range } from "../value.ts";
import type { Dims, Value } from "../value.ts";
import type { shapeOps } from "./shape.ts";

/** The part of the builder for matrices. */
export function linearOps(scope: Scope, op: ReturnType<typeof shapeOps>) {
  return {
    matMul(a: Value, b: Value): Value {
      return scope.emit({ op: "MatMul", inputs: [a, b], outputs: [{ type: a.type, dims: productDims(a.dims, b.dims) }] })[0]!;
    },
    /** α A′ B′ of matrices, A′ and B′ transposed on demand. */
    gemm(
      a: Value,
      b: Value,
      options: { readonly transA?: boolean; readonly transB?: boolean; readonly alpha?: number } = {},
    ): Value {
      const { transA = false, transB = false, alpha = 1 } = options;
      const dims = a.dims === undefined || b.dims === undefined ? undefined : [a.dims[transA ? 1 : 0]!, b.dims[transB ? 0 : 1]!];
      const attributes = {
        transA: transA ? 1 : undefined,
        transB: transB ? 1 : undefined,
        alpha: alpha === 1 ? undefined : alpha,
      };
      return scope.emit({ op: "Gemm", inputs: [a, b], outputs: [{ type: a.type, dims }], attributes })[0]!;
    },
    /** The last two axes exchanged. */
    matrixTranspose(x: Value): Value {
      const rank = op.rank(x);
      return op.transpose(x, [...range(rank - 2), rank - 1, rank - 2]);
    },
    einsum(equation: string, inputs: readonly Value[], dims: Dims): Value {
      return scope.emit({ op: "Einsum", inputs, outputs: [{ type: inputs[0]!.type, dims }], attributes: { equation } })[0]!;
    },
  };
}

/** The shape of a product as numpy.matmul has it. */
export function productDims(a: Dims, b: Dims): Dims {
  if (a === undefined || b === undefined) return undefined;
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const batch = broadcastDims(left.slice(0, -2), right.slice(0, -2));
  return [...batch!, ...(a.length === 1 ? [] : [left.at(-2)!]), ...(b.length === 1 ? [] : [right.at(-1)!])];
}
