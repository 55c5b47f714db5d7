/** How many multiplications, additions and comparisons a node takes: an estimate from shapes, right to a small factor. */
import { mulDims, productOf } from "./dim.ts";
import { attributeOf, intAttr, intsAttr, stringAttr } from "./attribute.ts";
import type { Dim, Node } from "./graph.ts";
import { asTensor } from "./infer/abstract.ts";
import type { Abstract } from "./infer/abstract.ts";

interface Shapes {
  readonly node: Node;
  readonly inputs: readonly (readonly Dim[] | undefined)[];
  readonly outputs: readonly (readonly Dim[] | undefined)[];
}

type Estimate = (shapes: Shapes) => Dim;

const size = (dims: readonly Dim[] | undefined): Dim => (dims === undefined ? null : productOf(dims));

/** Two operations for each product of an output element's sum. */
const matmul: Estimate = ({ inputs: [a], outputs: [y] }) => mulDims(2, mulDims(size(y), a?.at(-1) ?? null));

const gemm: Estimate = ({ node, inputs: [a], outputs: [y] }) =>
  mulDims(2, mulDims(size(y), a?.[intAttr(node, "transA", 0) === 0 ? 1 : 0] ?? null));

const conv: Estimate = ({ inputs: [, w], outputs: [y] }) => mulDims(2, mulDims(size(y), size(w?.slice(1))));

const convTranspose: Estimate = ({ inputs: [x, w] }) => mulDims(2, mulDims(size(x), size(w?.slice(1))));

const pool: Estimate = ({ node, outputs: [y] }) => mulDims(size(y), productOf(intsAttr(node, "kernel_shape", [])));

const einsum: Estimate = ({ node, inputs }) => {
  const terms = stringAttr(node, "equation", "").replaceAll(/\s/g, "").split("->")[0]!.split(",");
  const letters = new Map<string, Dim>();
  for (const [i, term] of terms.entries()) {
    const dims = inputs[i];
    if (dims === undefined) return null;
    // The axes of an ellipsis count as letters of their own, from the right.
    const [before = "", after] = term.split("...");
    const middle = after === undefined ? 0 : dims.length - before.length - after.length;
    const names = [...before, ...Array.from({ length: Math.max(0, middle) }, (_, k) => `.${middle - k}`), ...(after ?? "")];
    for (const [k, name] of names.entries()) if ((letters.get(name) ?? 1) === 1) letters.set(name, dims[k] ?? null);
  }
  return mulDims(terms.length, productOf([...letters.values()]));
};

const recurrent =
  (gates: number): Estimate =>
  ({ inputs: [x, w, r] }) => {
    const steps = productOf([x?.[0] ?? null, x?.[1] ?? null]);
    const weights = mulDims(w?.[0] ?? null, mulDims(w?.[1] ?? gates, addInner(w?.[2] ?? null, r?.[2] ?? null)));
    return mulDims(2, mulDims(steps, weights));
  };

const addInner = (a: Dim, b: Dim): Dim => (typeof a === "number" && typeof b === "number" ? a + b : a);

const attention: Estimate = ({ inputs: [q, k] }) => mulDims(4, mulDims(size(q), k?.at(-2) ?? null));

const trees: Estimate = ({ node, outputs: [y] }) => {
  const ids = attributeOf(node, "nodes_treeids", "ints") ?? attributeOf(node, "tree_roots", "ints") ?? [];
  // Every tree is walked once a row, and no walk is longer than this.
  return mulDims(y?.[0] ?? null, new Set(ids).size * 32);
};

const suppression: Estimate = ({ inputs: [boxes, scores] }) => mulDims(productOf(scores ?? [null]), boxes?.[1] ?? null);

const estimates: Readonly<Record<string, Estimate>> = {
  MatMul: matmul,
  MatMulInteger: matmul,
  QLinearMatMul: matmul,
  Gemm: gemm,
  Conv: conv,
  ConvInteger: conv,
  QLinearConv: ({ inputs: [, , , w], outputs: [y] }) => mulDims(2, mulDims(size(y), size(w?.slice(1)))),
  DeformConv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  Einsum: einsum,
  LSTM: recurrent(4),
  GRU: recurrent(3),
  RNN: recurrent(1),
  Attention: attention,
  TreeEnsemble: trees,
  TreeEnsembleClassifier: trees,
  TreeEnsembleRegressor: trees,
  NonMaxSuppression: suppression,
  LinearClassifier: ({ node, inputs: [x] }) =>
    mulDims(2 * (attributeOf(node, "coefficients", "floats")?.length ?? 0), x?.[0] ?? null),
  LinearRegressor: ({ node, inputs: [x] }) =>
    mulDims(2 * (attributeOf(node, "coefficients", "floats")?.length ?? 0), x?.[0] ?? null),
  SVMClassifier: ({ node, inputs: [x] }) =>
    mulDims(3 * (attributeOf(node, "support_vectors", "floats")?.length ?? 0), x?.[0] ?? null),
  SVMRegressor: ({ node, inputs: [x] }) =>
    mulDims(3 * (attributeOf(node, "support_vectors", "floats")?.length ?? 0), x?.[0] ?? null),
};

/** Operations that only move or name data. */
const free = new Set("Identity Reshape Flatten Squeeze Unsqueeze Shape Size Constant".split(" "));

/** Operations of one run of a node; null when the shapes do not tell. */
export function flopsOf(node: Node, inputs: readonly (Abstract | undefined)[], outputs: readonly Abstract[]): Dim {
  if (free.has(node.op)) return 0;
  const dims = (value: Abstract | undefined) => asTensor(value)?.dims;
  const shapes: Shapes = { node, inputs: inputs.map(dims), outputs: outputs.map(dims) };
  const estimate = estimates[node.op];
  if (estimate !== undefined) return estimate(shapes);
  // Elementwise, reductions, moves: as many as there are elements on the larger side.
  const [input, output] = [size(shapes.inputs[0] ?? []), size(shapes.outputs[0])];
  if (typeof input === "number" && typeof output === "number") return Math.max(input, output);
  return output ?? input;
}
