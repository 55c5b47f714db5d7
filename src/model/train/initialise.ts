/** Weights as they are before anything is learnt, by what the graph does with them. */
import { createSeeded } from "../../base/math/index.ts";
import type { Seeded } from "../../base/math/index.ts";
import { indexOf, inlineFunctions, intAttr, tensorOf } from "../onnx/index.ts";
import type { Graph, Model, Tensor } from "../onnx/index.ts";
import { fitsAny } from "./patterns.ts";
import { weightsOf } from "./weights.ts";
import type { WeightUse } from "./weights.ts";

/** What to initialise. */
export interface InitialiseOptions {
  readonly seed: number;
  /** Patterns of weights; all by default. */
  readonly only?: readonly string[];
  /** The output that weights are looked for behind; default the first. */
  readonly output?: string;
}

/**
 * The model with new weights: He et al. 2015 (arXiv:1502.01852) before rectifiers, Glorot and Bengio 2010 elsewhere, orthogonal matrices between the
 * steps of a recurrence (Saxe et al. 2014, arXiv:1312.6120), small normal numbers for embeddings and positions, 1 for scales, 0 for biases and
 * shifts, and fresh statistics for batch norms. Each tensor has a stream of randomness of its own: freezing one leaves the others as they are.
 * @example const scratch = initialise(model, { seed: 1 });
 */
export function initialise(model: Model, { seed, only = ["*"], output }: InitialiseOptions): Model {
  const { graph } = inlineFunctions(model);
  const weights = weightsOf(graph, output ?? graph.outputs[0]!.name);
  const initializers = new Map(model.graph.initializers);
  let stream = 0;
  for (const [name, use] of weights) {
    stream++;
    const tensor = initializers.get(name);
    if (tensor === undefined || !fitsAny(name, only)) continue;
    initializers.set(name, filled(tensor, initialOf(graph, tensor, use, createSeeded(seed, 2, stream))));
  }
  for (const node of graph.nodes) {
    if (node.op !== "BatchNormalization" || !fitsAny(node.inputs[1]!, only)) continue;
    for (const [place, value] of [
      [3, 0],
      [4, 1],
    ] as const) {
      const tensor = initializers.get(node.inputs[place]!);
      if (tensor !== undefined)
        initializers.set(
          node.inputs[place]!,
          filled(tensor, () => value),
        );
    }
  }
  return { ...model, graph: { ...model.graph, initializers } };
}

type Fill = (index: number) => number;

function filled({ dims }: Tensor, fill: Fill): Tensor {
  const values = new Float32Array(dims.reduce((a, b) => a * b, 1));
  for (let i = 0; i < values.length; i++) values[i] = fill(i);
  return tensorOf("float32", dims, values);
}

const norms = new Set([
  "BatchNormalization",
  "LayerNormalization",
  "GroupNormalization",
  "InstanceNormalization",
  "RMSNormalization",
]);
const recurrent = new Set(["LSTM", "GRU", "RNN"]);

function initialOf(graph: Graph, tensor: Tensor, { node, place }: WeightUse, random: Seeded): Fill {
  const { op } = node;
  if (norms.has(op)) return () => (place === 1 ? 1 : 0);
  if (recurrent.has(op)) return recurrentFill(tensor, place, random);
  if (op === "PRelu") return () => 0.25;
  if (op === "Gather") return normal(random, 0.02);
  const isBias = place === 2 && op !== "Einsum";
  if (isBias || tensor.dims.length < 2) return () => (op === "Mul" || op === "Div" ? 1 : 0);
  if (!["Conv", "ConvTranspose", "Gemm", "MatMul", "Einsum"].includes(op)) return normal(random, 0.02);
  const [inputs, outputs] = fans(tensor, { node, place });
  if (isRectified(graph, node.outputs[0]!)) return normal(random, Math.sqrt(2 / inputs));
  const bound = Math.sqrt(6 / (inputs + outputs));
  return () => bound * (2 * random.unit() - 1);
}

/** How many numbers go into each output, and how many each input goes to. */
function fans({ dims }: Tensor, { node, place }: WeightUse): [number, number] {
  const [first = 1, second = 1, ...kernel] = dims;
  const taps = kernel.reduce((a, b) => a * b, 1);
  const groups = intAttr(node, "group", 1);
  if (node.op === "Conv") return [second * taps, (first / groups) * taps];
  if (node.op === "ConvTranspose") return [(first / groups) * taps, second * taps];
  const [rows, columns] = [dims.at(-2) ?? 1, dims.at(-1) ?? 1];
  const isTurned = node.op === "Gemm" ? intAttr(node, place === 0 ? "transA" : "transB", 0) === 1 : false;
  return (place === 0) === isTurned ? [rows, columns] : [columns, rows];
}

const steps = new Set([
  "Add",
  "BatchNormalization",
  "LayerNormalization",
  "GroupNormalization",
  "InstanceNormalization",
  "MaxPool",
]);

/** Whether a rectifier comes next, perhaps behind a bias or a norm. */
function isRectified(graph: Graph, value: string): boolean {
  let current = value;
  for (let i = 0; i < 3; i++) {
    const [next] = indexOf(graph).consumers(current);
    if (next === undefined) return false;
    if (["Relu", "LeakyRelu", "PRelu", "Gelu", "Elu", "Clip"].includes(next.op)) return true;
    if (!steps.has(next.op)) return false;
    current = next.outputs[0]!;
  }
  return false;
}

/** Normal numbers by Box and Muller's form. */
export function normal(random: Seeded, deviation: number): Fill {
  return () => deviation * Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());
}

/** W [directions, gates · hidden, inputs] by Glorot; R [directions, gates · hidden, hidden] orthogonal, gate by gate; the rest 0. */
function recurrentFill({ dims }: Tensor, place: number, random: Seeded): Fill {
  const [, rows = 1, columns = 1] = dims;
  if (place === 1) {
    const bound = Math.sqrt(6 / (rows + columns));
    return () => bound * (2 * random.unit() - 1);
  }
  if (place !== 2) return () => 0;
  let block: Float64Array | undefined;
  const size = columns * columns;
  return (i) => {
    if (i % size === 0 || block === undefined) block = orthogonal(columns, random);
    return block[i % size]!;
  };
}

/** A random orthogonal matrix: Gram and Schmidt on normal rows, uniformly distributed (Stewart 1980, SIAM J. Numer. Anal. 17). */
function orthogonal(n: number, random: Seeded): Float64Array {
  const next = normal(random, 1);
  const matrix = Float64Array.from({ length: n * n }, next);
  for (let row = 0; row < n; row++) {
    const own = matrix.subarray(row * n, (row + 1) * n);
    for (let before = 0; before < row; before++) {
      const other = matrix.subarray(before * n, (before + 1) * n);
      const dot = own.reduce((sum, value, i) => sum + value * other[i]!, 0);
      for (let i = 0; i < n; i++) own[i]! -= dot * other[i]!;
    }
    const length = Math.hypot(...own);
    for (let i = 0; i < n; i++) own[i]! /= length;
  }
  return matrix;
}
