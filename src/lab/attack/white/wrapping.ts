/** What exporters put around a classifier, taken off: another precision, Dropout left on, and what squashes scores behind a change of shape. */
import {
  elementCode,
  GraphBuilder,
  indexOf,
  intAttr,
  removeDeadCode,
  renameUses,
  tensorType,
} from "../../../model/onnx/index.ts";
import type { GraphIndex, Model, Node, TensorSpec } from "../../../model/onnx/index.ts";

const standard = ({ domain }: Node): boolean => domain === "" || domain === "ai.onnx";

/** A value under another name. */
export const hereAndThere = (from: string, to: string, name = ""): Node => ({
  op: "Identity",
  domain: "",
  name,
  inputs: [from],
  outputs: [to],
  attributes: new Map(),
});

/** Dropout that is told to train: ONNX Runtime leaves it out of a model that it serves, and so must a graph that is asked for gradients. */
export function withoutDropout(model: Model): Model {
  const idle = (node: Node): boolean =>
    standard(node) && node.op === "Dropout" && node.outputs.slice(1).every((name) => name === "");
  if (!model.graph.nodes.some(idle)) return model;
  const nodes = model.graph.nodes.map((node) => (idle(node) ? hereAndThere(node.inputs[0]!, node.outputs[0]!, node.name) : node));
  return { ...model, graph: removeDeadCode({ ...model.graph, nodes }) };
}

/** The model with its input in float32 and of these sizes; what is given is rounded to the input's own precision first. */
export function withInput(model: Model, { name, type, dims }: Pick<TensorSpec, "name" | "type" | "dims">): Model {
  const { graph } = model;
  const inputs = graph.inputs.map((input) => (input.name === name ? { name, type: tensorType("float32", dims) } : input));
  if (type === "float32") return { ...model, graph: { ...graph, inputs } };
  const outputs = graph.outputs.map((output) => ({ name: output.name }));
  const b = new GraphBuilder({
    from: { ...graph, inputs, outputs, nodes: [] },
    opsets: model.opsets,
    names: new Set(indexOf(graph).names),
  });
  const rounded = b.op("Cast", [name], { to: elementCode(type) });
  for (const node of graph.nodes) b.add(renameUses(node, (value) => (value === name ? rounded : value)));
  return b.model(model);
}

/** A scores' output of shape [rows, classes, 1, …] or of another precision, as [rows, classes] in float32. */
export function plainScores(model: Model, { name, type, dims }: Pick<TensorSpec, "name" | "type" | "dims">): Model {
  const long = dims.length > 2 && dims.slice(2).every((size) => size === 1);
  if (!long && type === "float32") return model;
  const b = GraphBuilder.from(model);
  const flat = long ? b.op("Flatten", [name], { axis: 1 }) : name;
  const scores = type === "float32" ? flat : b.op("Cast", [flat], { to: elementCode("float32") });
  b.clearOutputs().output(scores, "float32", long ? dims.slice(0, 2) : dims);
  return b.model(model);
}

const squashing = new Set(["Softmax", "Sigmoid", "Exp"]);

/** Only the shape changes, or the precision. */
const handOn = new Set(["Identity", "Squeeze", "Unsqueeze", "Reshape", "Flatten", "Cast"]);

/**
 * The model without a Softmax, a Sigmoid or an Exp that nothing parts from its output but a change of shape, or each row's division by its own
 * sum, as scikit-learn's exporter writes it: none of them changes which score is the largest. Undefined when there is none.
 */
export function withoutSquashing(model: Model, output: string): { readonly model: Model; readonly op: string } | undefined {
  const index = indexOf(model.graph);
  const passed = new Set<Node>();
  let node = index.producer(output);
  for (; node !== undefined && standard(node); node = index.producer(node.inputs[0]!)) {
    if (dividesBySum(index, node)) passed.add(node);
    else if (!handOn.has(node.op)) break;
  }
  if (node === undefined || !standard(node) || !squashing.has(node.op)) return undefined;
  passed.add(node);
  const nodes = model.graph.nodes.map((other) =>
    passed.has(other) ? hereAndThere(other.inputs[0]!, other.outputs[0]!, other.name) : other,
  );
  return { model: { ...model, graph: removeDeadCode({ ...model.graph, nodes }) }, op: node.op };
}

/** x / Σ|x|, rows of zeros apart: what a Normalizer of norm L1 is written as, or a plain sum. */
function dividesBySum(index: GraphIndex, node: Node): boolean {
  if (node.op !== "Div") return false;
  const [x, by = ""] = node.inputs;
  let sum = index.producer(by);
  if (sum?.op === "Where") sum = index.producer(sum.inputs[2]!);
  return (sum?.op === "ReduceL1" || sum?.op === "ReduceSum") && sum.inputs[0] === x && intAttr(sum, "keepdims", 1) === 1;
}
