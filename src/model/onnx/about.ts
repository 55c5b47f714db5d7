/** What kind of model a graph is, told by its operators and its file's own words, without running it: what goes on a model card. */
import { externalLocations } from "./external.ts";
import { operatorName, requiredInputs, subgraphs } from "./graph.ts";
import type { Graph, Model, Node, ValueInfo } from "./graph.ts";
import { typeText } from "./text.ts";

export type ModelFamily =
  | "transformer"
  | "convolutional neural network"
  | "recurrent neural network"
  | "convolutional recurrent neural network"
  | "feedforward neural network"
  | "linear model"
  | "tree ensemble"
  | "support vector machine";

/** A model's card as far as its graph can tell. */
export interface ModelAbout {
  /** Program and version that wrote the file. */
  readonly producer: string | undefined;
  readonly irVersion: number;
  readonly opsets: Readonly<Record<string, number>>;
  readonly inputs: readonly { readonly name: string; readonly type: string }[];
  readonly outputs: readonly { readonly name: string; readonly type: string }[];
  /** How often each operator stands in the graph, most often first; a function's body counts once. */
  readonly operators: Readonly<Record<string, number>>;
  /** Undefined where the operators do not tell. */
  readonly family: ModelFamily | undefined;
  /** Undefined where the graph does not end in what only one task needs. */
  readonly task: "classification" | "regression" | undefined;
  /** Files beside the model that hold weights, as the model names them. Untrusted text. */
  readonly external: readonly string[];
  /** The file's own short entries, untrusted text. Longer ones, such as a tokeniser, are parts of the model. */
  readonly metadata: ReadonlyMap<string, string>;
}

const maxEntry = 1 << 16;

/**
 * @example
 * aboutModel(readModel(bytes)).family; // "convolutional neural network"
 */
export function aboutModel(model: Model): ModelAbout {
  const { graph, producer, producerVersion } = model;
  const bodies = bodiesOf(model);
  const counts = new Map<string, number>();
  for (const node of bodies.flat()) counts.set(operatorName(node), (counts.get(operatorName(node)) ?? 0) + 1);
  const operators = new Map([...counts].toSorted(([a, many], [b, more]) => more - many || (a < b ? -1 : 1)));
  return {
    producer: [producer, producerVersion].filter((part) => part !== undefined && part !== "").join(" ") || undefined,
    irVersion: model.irVersion,
    opsets: Object.fromEntries([...model.opsets].map(([domain, version]) => [domain || "ai.onnx", version])),
    inputs: requiredInputs(graph).map(cardOf),
    outputs: graph.outputs.map(cardOf),
    operators: Object.fromEntries(operators),
    family: familyOf(operators, bodies),
    task: taskOf(graph),
    external: [...externalLocations(model)],
    metadata: new Map([...model.metadata].filter(([, text]) => text.length <= maxEntry)),
  };
}

const cardOf = ({ name, type }: ValueInfo) => ({ name, type: type === undefined ? "?" : typeText(type) });

/** Every list of nodes: the graph's, those of its loops and branches, those of its functions. */
function bodiesOf({ graph, functions }: Model): (readonly Node[])[] {
  const found: (readonly Node[])[] = [];
  const waiting = [graph.nodes, ...functions.map(({ nodes }) => nodes)];
  for (let nodes = waiting.pop(); nodes !== undefined; nodes = waiting.pop()) {
    found.push(nodes);
    for (const node of nodes) waiting.push(...subgraphs(node).map((inner) => inner.graph.nodes));
  }
  return found;
}

const convolution = /^(?:.*::)?(?:Conv|ConvTranspose|ConvInteger|QLinearConv|FusedConv|DeformConv)$/;
const recurrence = /^(?:LSTM|GRU|RNN)$/;
const attention = /^(?:.*::)?(?:Attention|MultiHeadAttention|GroupQueryAttention|QAttention)$/;
const affine = /^(?:.*::)?(?:Gemm|MatMul|MatMulInteger|QLinearMatMul|FusedMatMul|FusedGemm|Einsum)$/;

function familyOf(operators: ReadonlyMap<string, number>, bodies: readonly (readonly Node[])[]): ModelFamily | undefined {
  const names = [...operators.keys()];
  const has = (pattern: RegExp): boolean => names.some((name) => pattern.test(name));
  if (has(/^ai\.onnx\.ml::TreeEnsemble/)) return "tree ensemble";
  if (has(/^ai\.onnx\.ml::SVM/)) return "support vector machine";
  if (has(/^ai\.onnx\.ml::Linear(?:Classifier|Regressor)$/)) return "linear model";
  if (has(attention) || bodies.some(attends)) return "transformer";
  if (has(recurrence)) return has(convolution) ? "convolutional recurrent neural network" : "recurrent neural network";
  if (has(convolution)) return "convolutional neural network";
  const layers = [...operators].filter(([name]) => affine.test(name)).reduce((sum, [, times]) => sum + times, 0);
  return layers === 0 ? undefined : layers === 1 ? "linear model" : "feedforward neural network";
}

/** What leaves attention's weights what they are. */
const passing = new Set(["Cast", "Dropout", "Identity", "Reshape", "Transpose", "Where", "Mul", "Unsqueeze", "Squeeze"]);

/** Attention written out: a softmax whose shares weigh other values (Vaswani et al. 2017, eq. 1). Nodes are in topological order. */
function attends(nodes: readonly Node[]): boolean {
  const shares = new Set<string>();
  for (const { op, domain, inputs, outputs } of nodes) {
    const isShared = inputs.some((name) => shares.has(name));
    if (domain === "" && isShared && (op === "MatMul" || op === "Einsum")) return true;
    if (domain === "" && (op === "Softmax" || (isShared && passing.has(op)))) for (const name of outputs) shares.add(name);
  }
  return false;
}

function taskOf({ nodes, outputs }: Graph): ModelAbout["task"] {
  if (nodes.some(({ op, domain }) => domain === "ai.onnx.ml" && op.endsWith("Classifier"))) return "classification";
  if (nodes.some(({ op, domain }) => domain === "ai.onnx.ml" && op.endsWith("Regressor"))) return "regression";
  const named = new Set(outputs.map(({ name }) => name));
  const last = nodes.filter((node) => node.outputs.some((name) => named.has(name)));
  return last.some(({ op, domain }) => domain === "" && /^(?:LogSoftmax|Softmax|ArgMax)$/.test(op))
    ? "classification"
    : undefined;
}
