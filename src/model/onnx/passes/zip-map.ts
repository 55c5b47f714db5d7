/** scikit-learn's exporter wraps probabilities into a list of dictionaries; this takes the tensor out again. */
import { tensorType } from "../graph.ts";
import type { Model, Node, ValueInfo } from "../graph.ts";

/**
 * The same model with each ZipMap replaced by the tensor it wraps, under the same name. Columns are in the order of the class labels.
 * @example
 * const contract = contractOf(withoutZipMap(model));
 */
export function withoutZipMap(model: Model): Model {
  const { graph } = model;
  const opened = new Map<string, number>();
  const nodes = graph.nodes.map((node): Node => {
    if (node.op !== "ZipMap" || node.domain !== "ai.onnx.ml") return node;
    const labels = node.attributes.get("classlabels_int64s") ?? node.attributes.get("classlabels_strings");
    opened.set(node.outputs[0] ?? "", labels !== undefined && Array.isArray(labels.value) ? labels.value.length : 0);
    return { op: "Identity", domain: "", name: node.name, inputs: node.inputs, outputs: node.outputs, attributes: new Map() };
  });
  if (opened.size === 0) return model;
  const outputs = graph.outputs.map((info): ValueInfo => {
    const count = opened.get(info.name);
    return count === undefined ? info : { name: info.name, type: tensorType("float32", [null, count === 0 ? null : count]) };
  });
  return { ...model, graph: { ...graph, nodes, outputs } };
}
