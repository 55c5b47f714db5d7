/** Matrix products: for Y = A B, dA = dY Bᵀ and dB = Aᵀ dY (Giles 2008, "Collected matrix derivative results"). */
import { defineGradient } from "../define.ts";
import type { Ops } from "../ops/index.ts";
import type { Value } from "../value.ts";

export const matMul = defineGradient("MatMul", ({ g, xs, op, wants }) => {
  const [a, b] = xs as [Value, Value];
  // A vector is a row on the left and a column on the right; the product has no such axis.
  const [vectorA, vectorB] = [op.rank(a) === 1, op.rank(b) === 1];
  const left = vectorA ? op.unsqueeze(a, [0]) : a;
  const right = vectorB ? op.unsqueeze(b, [1]) : b;
  const columns = vectorB ? op.unsqueeze(g, [-1]) : g;
  const rows = vectorA ? op.unsqueeze(columns, [-2]) : columns;
  const [da, db] = productGradients(op, { g: rows, a: left, b: right, wants });
  return [da && vectorA ? op.squeeze(da, [0]) : da, db && vectorB ? op.squeeze(db, [1]) : db];
});

interface Product {
  readonly g: Value;
  readonly a: Value;
  readonly b: Value;
  wants(input: number): boolean;
}

function productGradients(op: Ops, { g, a, b, wants }: Product): readonly (Value | undefined)[] {
  const [rankA, rankB] = [op.rank(a), op.rank(b)];
  if (rankA === 2 && rankB === 2)
    return [wants(0) ? op.gemm(g, b, { transB: true }) : undefined, wants(1) ? op.gemm(a, g, { transA: true }) : undefined];
  if (rankB === 2) {
    // One matrix for a batch of them: the batch is more rows of one product, so nothing has to be summed afterwards.
    const rows = (x: Value): Value => op.reshape(x, [op.product(...op.sizes(x).slice(0, -1)), op.size(x, -1)]);
    return [
      wants(0) ? op.matMul(g, op.matrixTranspose(b)) : undefined,
      wants(1) ? op.gemm(rows(a), rows(g), { transA: true }) : undefined,
    ];
  }
  return [
    wants(0) ? op.sumTo(op.matMul(g, op.matrixTranspose(b)), a) : undefined,
    wants(1) ? op.sumTo(op.matMul(op.matrixTranspose(a), g), b) : undefined,
  ];
}

/** Y = α A′ B′ + β C */
export const gemm = defineGradient("Gemm", ({ g, xs, op, attrs, wants }) => {
  const [a, b, c] = xs as [Value, Value, Value | undefined];
  const [transA, transB] = [attrs.int("transA", 0) === 1, attrs.int("transB", 0) === 1];
  const [alpha, beta] = [attrs.float("alpha", 1), attrs.float("beta", 1)];
  return [
    !wants(0)
      ? undefined
      : transA
        ? op.gemm(b, g, { transA: transB, transB: true, alpha })
        : op.gemm(g, b, { transB: !transB, alpha }),
    !wants(1)
      ? undefined
      : transB
        ? op.gemm(g, a, { transA: true, transB: transA, alpha })
        : op.gemm(a, g, { transA: !transA, alpha }),
    c && op.sumTo(op.mul(g, beta), c),
  ];
});
