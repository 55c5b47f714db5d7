/**
 * Defences that are none, planted into the digit model as ONNX: each makes some attack fail and leaves the model as fragile as it was. And
 * models that hide nothing, for the other half of the promise.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { GraphBuilder, indexOf, readModel, tensorOf } from "../../src/model/onnx/index.ts";
import type { Model } from "../../src/model/onnx/index.ts";
import { digitsModel } from "./digits.ts";

const linear = join(import.meta.dirname, "../fixtures/models/mnist_logreg.onnx");

type Part = (b: GraphBuilder, value: string) => string;

const base = (): Model => readModel(digitsModel());

/** The model with something in front of it. */
function before(part: Part, model = base()): Model {
  const { graph } = model;
  const [input] = graph.inputs;
  const b = new GraphBuilder({ from: { ...graph, nodes: [] }, opsets: model.opsets, names: new Set(indexOf(graph).names) });
  const cooked = part(b, input!.name);
  for (const node of graph.nodes) b.add({ ...node, inputs: node.inputs.map((name) => (name === input!.name ? cooked : name)) });
  return b.model(model);
}

/** The model with something behind its logits. */
function behind(part: Part, model = base()): Model {
  const b = GraphBuilder.from(model);
  const value = part(b, model.graph.outputs[0]!.name);
  b.clearOutputs().output(value, "float32", ["N", 10]);
  return b.model(model);
}

/** The model with each Relu's output changed. */
function afterRelus(part: Part, model = base()): Model {
  const { graph } = model;
  const b = new GraphBuilder({ from: { ...graph, nodes: [] }, opsets: model.opsets, names: new Set(indexOf(graph).names) });
  for (const node of graph.nodes) {
    if (node.op !== "Relu") {
      b.add(node);
      continue;
    }
    const raw = b.fresh("relu_raw");
    b.add({ ...node, outputs: [raw] });
    const changed = part(b, raw);
    b.add({ op: "Identity", domain: "", name: "", inputs: [changed], outputs: [node.outputs[0]!], attributes: new Map() });
  }
  return b.model(model);
}

const f = (b: GraphBuilder, value: number): string => b.scalar("float32", value);
const times = (b: GraphBuilder, x: string, factor: number): string => b.op("Mul", [x, f(b, factor)]);

/** Keeps the largest values of each example, the others become 0 (Xiao et al. 2020, broken by Tramèr et al. 2020). */
function winners(share: number): Part {
  return (b, h) => {
    const flat = b.op("Flatten", [h], { axis: 1 });
    const size = b.op("Gather", [b.op("Shape", [flat]), b.scalar("int64", 1n)]);
    const wanted = b.op("Cast", [b.op("Mul", [b.op("Cast", [size], { to: 1 }), f(b, share)])], { to: 7 });
    const k = b.op("Reshape", [wanted, b.ints([1])]);
    const [top] = b.call({ op: "TopK", inputs: [flat, k], attributes: { axis: 1 }, outputs: 2 });
    const least = b.op("ReduceMin", [top, b.ints([1])], { keepdims: 1 });
    const mask = b.op("Cast", [b.op("GreaterOrEqual", [flat, least])], { to: 1 });
    return b.op("Reshape", [b.op("Mul", [flat, mask]), b.op("Shape", [h])]);
  };
}

const quantise =
  (levels: number): Part =>
  (b, x) =>
    b.op("Div", [b.op("Round", [times(b, x, levels)]), f(b, levels)]);

/** A mean over 3 × 3 pixels. */
const blur: Part = (b, x) => b.op("AveragePool", [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 });

/** Where neighbouring pixels differ much, a cleaned image is shown to the model in place of the one that came. */
const detector: Part = (b, x) => {
  const rough = b.op("ReduceMean", [b.op("Abs", [b.op("Sub", [x, blur(b, x)])]), b.ints([1, 2, 3])], { keepdims: 1 });
  const cleaned = quantise(8)(b, x);
  return b.op("Where", [b.op("Greater", [rough, f(b, 0.05)]), cleaned, x]);
};

export interface Planted {
  readonly name: string;
  readonly model: () => Model;
  /** Checks of the audit, one of which must have something to say. */
  readonly flaggedBy: readonly string[];
  /** The data as the model takes it, of 0 … 1. */
  readonly scale?: number;
}

/** Each looks more robust than it is. */
export const fakeDefences: readonly Planted[] = [
  {
    name: "temperature: logits so large that the cross-entropy is flat",
    model: () => behind((b, z) => times(b, z, 1e4)),
    flaggedBy: ["vanishing-gradients"],
  },
  {
    name: "probabilities at the end, saturated",
    model: () => behind((b, z) => b.op("Softmax", [times(b, z, 1e3)], { axis: 1 })),
    flaggedBy: ["probabilities", "vanishing-gradients"],
  },
  { name: "rounded input", model: () => before(quantise(16)), flaggedBy: ["broken-gradients"] },
  {
    // Levels as fine as these change no answer: what stops an attack is that nothing has a slope.
    name: "rounded activations",
    model: () => afterRelus((b, h) => b.op("Div", [b.op("Floor", [times(b, h, 64)]), f(b, 64)])),
    flaggedBy: ["broken-gradients"],
  },
  {
    name: "input cast to eight bits and back",
    model: () => before((b, x) => times(b, b.op("Cast", [b.op("Cast", [times(b, x, 255)], { to: 2 })], { to: 1 }), 1 / 255)),
    flaggedBy: ["broken-gradients"],
  },
  {
    name: "noise on the input",
    model: () => before((b, x) => b.op("Add", [x, b.op("RandomNormalLike", [x], { scale: 0.1 })])),
    flaggedBy: ["random-answers"],
  },
  {
    name: "noise on the logits",
    model: () => behind((b, z) => b.op("Add", [z, b.op("RandomNormalLike", [z], { scale: 1.5 })])),
    flaggedBy: ["random-answers"],
  },
  { name: "winners only", model: () => afterRelus(winners(0.3)), flaggedBy: ["untrue-gradients", "broken-gradients"] },
  { name: "a detector in front that cleans", model: () => before(detector), flaggedBy: ["broken-gradients"] },
  {
    name: "a gradient of NaN",
    model: () => before((b, x) => b.op("Sqrt", [b.op("Mul", [x, x])])),
    flaggedBy: ["non-finite"],
  },
  {
    name: "a choice, one-hot, in place of scores",
    model: () =>
      behind((b, z) =>
        b.op("OneHot", [
          b.op("ArgMax", [z], { axis: 1, keepdims: 0 }),
          b.scalar("int64", 10n),
          b.constant(tensorOf("float32", [2], [0, 1])),
        ]),
      ),
    flaggedBy: ["broken-gradients"],
  },
  {
    name: "activations through a steep tanh",
    model: () =>
      before((b, x) => b.op("Add", [x, times(b, b.op("Tanh", [times(b, b.op("Sin", [times(b, x, 4000)]), 50)]), 0.01)])),
    flaggedBy: ["untrue-gradients", "vanishing-gradients"],
  },
  {
    name: "a radius of 0.1 on data of 0 … 255",
    model: () => before((b, x) => times(b, x, 1 / 255)),
    flaggedBy: ["epsilon-scale"],
    scale: 255,
  },
];

/** Nothing is hidden here, whatever the model looks like. */
export const honestModels: readonly Planted[] = [
  { name: "the digit model as it is", model: base, flaggedBy: [] },
  { name: "with a Softmax at its end", model: () => behind((b, z) => b.op("Softmax", [z], { axis: 1 })), flaggedBy: [] },
  { name: "a linear model", model: () => readModel(new Uint8Array(readFileSync(linear))), flaggedBy: [] },
  { name: "with a blur in front", model: () => before(blur), flaggedBy: [] },
  {
    name: "with normalisation inside",
    model: () => before((b, x) => b.op("Div", [b.op("Sub", [times(b, x, 1), f(b, 0)]), f(b, 1)])),
    flaggedBy: [],
  },
  { name: "with half-sized logits", model: () => behind((b, z) => times(b, z, 0.5)), flaggedBy: [] },
  { name: "with logits that a bias moves", model: () => behind((b, z) => b.op("Add", [z, f(b, 3)])), flaggedBy: [] },
  { name: "with a clipped input", model: () => before((b, x) => b.op("Clip", [x, f(b, 0), f(b, 1)])), flaggedBy: [] },
];
