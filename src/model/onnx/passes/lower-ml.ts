/**
 * Linear operators of `ai.onnx.ml` in terms of plain ones, so that they can be differentiated, cut and run anywhere. Trees stay as they
 * are: their outputs are constant almost everywhere. Semantics after onnx/docs/Operators-ml.md and ONNX Runtime's kernels.
 */
import { attributeOf, intAttr, stringAttr } from "../attribute.ts";
import { GraphBuilder } from "../builder.ts";
import type { Graph, Model, Node } from "../graph.ts";
import { indexOf } from "../lookup.ts";
import { stringTensor } from "../tensor.ts";
import { tensorOf } from "../values.ts";

/** Writes a node with plain operators, or says that it cannot: false leaves the node as it is. */
type Lowering = (node: Node, b: GraphBuilder) => boolean;

const floats = (node: Node, name: string): readonly number[] => attributeOf(node, name, "floats") ?? [];

const vector = (b: GraphBuilder, values: readonly number[]): string => b.constant(tensorOf("float32", [values.length], values));

const asFloat = (b: GraphBuilder, value: string | undefined): string => b.op("Cast", [value], { to: 1 });

/** Gives the last value the name that the node's output has. */
function finish(b: GraphBuilder, node: Node, results: readonly (string | undefined)[]): true {
  for (const [i, output] of node.outputs.entries()) {
    const value = results[i];
    if (output === "" || value === undefined) continue;
    b.add({
      op: "Identity",
      domain: "",
      name: i === 0 ? node.name : "",
      inputs: [value],
      outputs: [output],
      attributes: new Map(),
    });
  }
  return true;
}

/** A reduction along one axis, kept; its axes were an attribute before version 18. */
const reduced = (b: GraphBuilder, op: string, { x, axis }: { readonly x: string; readonly axis: number }): string =>
  (b.opsets.get("") ?? 0) < 18 ? b.op(op, [x], { axes: [axis], keepdims: 1 }) : b.op(op, [x, b.ints([axis])], { keepdims: 1 });

/** Scores of `rows` linear functions: x · coefficientsᵀ + intercepts. */
function scores(b: GraphBuilder, node: Node, rows: number): string {
  const coefficients = floats(node, "coefficients");
  const width = coefficients.length / rows;
  const weights = b.constant(tensorOf("float32", [rows, width], coefficients));
  const intercepts = floats(node, "intercepts");
  const inputs = [asFloat(b, node.inputs[0]), weights, intercepts.length === rows ? vector(b, intercepts) : undefined];
  return b.op("Gemm", intercepts.length === rows ? inputs : inputs.slice(0, 2), { transB: 1 });
}

/** `post_transform`; PROBIT has no plain form. */
function transform(b: GraphBuilder, kind: string, value: string): string | undefined {
  if (kind === "NONE") return value;
  if (kind === "LOGISTIC") return b.op("Sigmoid", [value]);
  if (kind === "SOFTMAX") return b.op("Softmax", [value], { axis: -1 });
  if (kind !== "SOFTMAX_ZERO") return undefined;
  // Softmax in which entries that are exactly zero stay zero.
  const isZero = b.op("Equal", [value, b.scalar("float32", 0)]);
  const masked = b.op("Where", [isZero, b.scalar("float32", -3.4e38), value]);
  return b.op("Where", [isZero, b.scalar("float32", 0), b.op("Softmax", [masked], { axis: -1 })]);
}

const linearRegressor: Lowering = (node, b) => {
  const targets = intAttr(node, "targets", 1);
  if (targets < 1 || floats(node, "coefficients").length % targets !== 0) return false;
  const result = transform(b, stringAttr(node, "post_transform", "NONE"), scores(b, node, targets));
  return result === undefined ? false : finish(b, node, [result]);
};

/** Class labels as a constant vector. */
interface Labels {
  readonly name: string;
  readonly count: number;
}

/** The label with the highest score of each row. */
const labelOf = (b: GraphBuilder, classes: Labels, scores: string): string =>
  b.op("Gather", [classes.name, b.op("ArgMax", [scores], { axis: 1, keepdims: 0 })], { axis: 0 });

function labels(b: GraphBuilder, node: Node): Labels | undefined {
  const strings = attributeOf(node, "classlabels_strings", "strings") ?? [];
  if (strings.length > 0) return { name: b.constant(stringTensor([strings.length], strings), "labels"), count: strings.length };
  const ints = attributeOf(node, "classlabels_ints", "ints") ?? [];
  return ints.length > 0 ? { name: b.ints(ints), count: ints.length } : undefined;
}

const linearClassifier: Lowering = (node, b) => {
  const classes = labels(b, node);
  const rows = floats(node, "intercepts").length;
  // One row for two classes has rules of its own for the second column; exporters of today write two rows.
  if (classes === undefined || rows !== classes.count || rows < 2 || floats(node, "coefficients").length % rows !== 0)
    return false;
  const raw = scores(b, node, rows);
  const result = transform(b, stringAttr(node, "post_transform", "NONE"), raw);
  if (result === undefined) return false;
  return finish(b, node, [labelOf(b, classes, raw), result]);
};

const scaler: Lowering = (node, b) => {
  const [offset, scale] = [floats(node, "offset"), floats(node, "scale")];
  const centred = offset.length === 0 ? asFloat(b, node.inputs[0]) : b.op("Sub", [asFloat(b, node.inputs[0]), vector(b, offset)]);
  return finish(b, node, [scale.length === 0 ? centred : b.op("Mul", [centred, vector(b, scale)])]);
};

/** Rows of zeros stay zero: what they are divided by is then 1. */
const normalizer: Lowering = (node, b) => {
  const x = asFloat(b, node.inputs[0]);
  const ops: Readonly<Record<string, string>> = { L1: "ReduceL1", L2: "ReduceL2", MAX: "ReduceMax" };
  const op = ops[stringAttr(node, "norm", "MAX")];
  if (op === undefined) return false;
  const norm = reduced(b, op, { x, axis: -1 });
  const isZero = b.op("Equal", [norm, b.scalar("float32", 0)]);
  return finish(b, node, [b.op("Div", [x, b.op("Where", [isZero, b.scalar("float32", 1), norm])])]);
};

/** k(x, v) for every row x and support vector v: [rows, vectors]. Smola & Schölkopf 2004, table 1. */
function kernel(b: GraphBuilder, node: Node, vectors: { readonly x: string; readonly support: string }): string | undefined {
  const [gamma = 0, coef0 = 0, degree = 0] = floats(node, "kernel_params");
  const product = b.op("Gemm", [vectors.x, vectors.support], { transB: 1 });
  const affine = (): string => b.op("Add", [b.op("Mul", [product, b.scalar("float32", gamma)]), b.scalar("float32", coef0)]);
  const kind = stringAttr(node, "kernel_type", "LINEAR");
  if (kind === "LINEAR") return product;
  if (kind === "POLY") return b.op("Pow", [affine(), b.scalar("float32", degree)]);
  if (kind === "SIGMOID") return b.op("Tanh", [affine()]);
  if (kind !== "RBF") return undefined;
  // |x − v|² = |x|² − 2 x·v + |v|²
  const xx = reduced(b, "ReduceSumSquare", { x: vectors.x, axis: 1 });
  const vv = b.op("Transpose", [reduced(b, "ReduceSumSquare", { x: vectors.support, axis: 1 })]);
  const distance = b.op("Sub", [b.op("Add", [xx, vv]), b.op("Mul", [product, b.scalar("float32", 2)])]);
  return b.op("Exp", [b.op("Mul", [distance, b.scalar("float32", -gamma)])]);
}

const svmRegressor: Lowering = (node, b) => {
  const count = intAttr(node, "n_supports", 0);
  const coefficients = floats(node, "coefficients");
  const [rho = 0] = floats(node, "rho");
  if (intAttr(node, "one_class", 0) !== 0 || stringAttr(node, "post_transform", "NONE") !== "NONE") return false;
  const x = asFloat(b, node.inputs[0]);
  // Without support vectors the coefficients are the linear function itself.
  if (count === 0) {
    const weights = b.constant(tensorOf("float32", [1, coefficients.length], coefficients));
    return finish(b, node, [b.op("Gemm", [x, weights, vector(b, [rho])], { transB: 1 })]);
  }
  const flat = floats(node, "support_vectors");
  if (coefficients.length !== count || flat.length % count !== 0) return false;
  const support = b.constant(tensorOf("float32", [count, flat.length / count], flat));
  const similarity = kernel(b, node, { x, support });
  if (similarity === undefined) return false;
  const weights = b.constant(tensorOf("float32", [count, 1], coefficients));
  return finish(b, node, [b.op("Add", [b.op("MatMul", [similarity, weights]), vector(b, [rho])])]);
};

/** The linear form: one row of coefficients for each class. */
const linearSvc = (node: Node, b: GraphBuilder, classes: Labels): boolean => {
  const coefficients = floats(node, "coefficients");
  const rows = classes.count;
  if (coefficients.length % rows !== 0 || stringAttr(node, "kernel_type", "LINEAR") !== "LINEAR") return false;
  const weights = b.constant(tensorOf("float32", [rows, coefficients.length / rows], coefficients));
  const [rho = 0] = floats(node, "rho");
  const raw = b.op("Add", [b.op("Gemm", [asFloat(b, node.inputs[0]), weights], { transB: 1 }), b.scalar("float32", rho)]);
  const result = transform(b, stringAttr(node, "post_transform", "NONE"), raw);
  return result === undefined ? false : finish(b, node, [labelOf(b, classes, raw), result]);
};

/** One against one: each pair of classes has a score, positive for the first, and the label is the class with most pairs won. */
const pairwiseSvc = (node: Node, b: GraphBuilder, classes: Labels): boolean => {
  const vectors = (attributeOf(node, "vectors_per_class", "ints") ?? []).map(Number);
  const total = vectors.reduce((a, c) => a + c, 0);
  const [coefficients, flat, rho] = [floats(node, "coefficients"), floats(node, "support_vectors"), floats(node, "rho")];
  const pairs = classPairs(classes.count);
  const fits =
    vectors.length === classes.count && coefficients.length === (classes.count - 1) * total && rho.length === pairs.length;
  if (!fits || total === 0 || flat.length % total !== 0 || stringAttr(node, "post_transform", "NONE") !== "NONE") return false;
  const x = asFloat(b, node.inputs[0]);
  const similarity = kernel(b, node, { x, support: b.constant(tensorOf("float32", [total, flat.length / total], flat)) });
  if (similarity === undefined) return false;
  const starts = vectors.map((_, i) => vectors.slice(0, i).reduce((a, c) => a + c, 0));
  // Row j − 1 of the coefficients holds those of class i against class j, row i those of class j against class i.
  const row = ([i, j]: readonly [number, number]): number[] =>
    Array.from({ length: total }, (_, v) => {
      const owner = starts.findLastIndex((start, c) => start <= v && vectors[c]! > 0);
      return owner === i ? coefficients[(j - 1) * total + v]! : owner === j ? coefficients[i * total + v]! : 0;
    });
  const weights = b.constant(tensorOf("float32", [pairs.length, total], pairs.flatMap(row)));
  const raw = b.op("Gemm", [similarity, weights, vector(b, rho)], { transB: 1 });
  return finish(b, node, [labelOf(b, classes, votes(b, raw, { pairs, classes: classes.count })), raw]);
};

const classPairs = (count: number): (readonly [number, number])[] =>
  Array.from({ length: count }, (_, i) => Array.from({ length: count - i - 1 }, (_, k) => [i, i + k + 1] as const)).flat();

/** Pairs won by each class: a pair that the first does not win is won by the second. */
function votes(
  b: GraphBuilder,
  raw: string,
  of: { readonly pairs: readonly (readonly [number, number])[]; readonly classes: number },
): string {
  const wins = b.op("Cast", [b.op("Greater", [raw, b.scalar("float32", 0)])], { to: 1 });
  const gains = of.pairs.flatMap(([i, j]) => Array.from({ length: of.classes }, (_, c) => (c === i ? 1 : c === j ? -1 : 0)));
  const seconds = Array.from({ length: of.classes }, (_, c) => of.pairs.filter(([, j]) => j === c).length);
  return b.op("Gemm", [wins, b.constant(tensorOf("float32", [of.pairs.length, of.classes], gains)), vector(b, seconds)]);
}

/** Without Platt's probabilities, whose coupling of pairs is an iteration; of three classes or more, as two have rules of their own. */
const svmClassifier: Lowering = (node, b) => {
  const classes = labels(b, node);
  if (classes === undefined || classes.count < 3 || floats(node, "prob_a").length > 0) return false;
  const hasVectors = (attributeOf(node, "vectors_per_class", "ints") ?? []).length > 0;
  return hasVectors ? pairwiseSvc(node, b, classes) : linearSvc(node, b, classes);
};

const lowerings: Readonly<Record<string, Lowering>> = {
  LinearRegressor: linearRegressor,
  LinearClassifier: linearClassifier,
  Scaler: scaler,
  Normalizer: normalizer,
  SVMRegressor: svmRegressor,
  SVMClassifier: svmClassifier,
};

/**
 * The same model with its linear and kernel `ai.onnx.ml` operators written out. Operators without a plain form stay: tree ensembles,
 * encoders, support vector classifiers with Platt's probabilities.
 */
export function lowerMl(model: Model): Model {
  const isLinear = (node: Node): boolean => node.domain === "ai.onnx.ml" && Object.hasOwn(lowerings, node.op);
  if (!model.graph.nodes.some(isLinear)) return model;
  // Float comparison came with version 11.
  if ((model.opsets.get("") ?? 0) < 11) return model;
  const graph: Graph = { ...model.graph, nodes: [] };
  const b = new GraphBuilder({ from: graph, opsets: model.opsets, names: new Set(indexOf(model.graph).names) });
  for (const node of model.graph.nodes) {
    const lowered = isLinear(node) && lowerings[node.op]!(node, b);
    if (!lowered) b.add(node);
  }
  return { ...model, graph: b.build() };
}
