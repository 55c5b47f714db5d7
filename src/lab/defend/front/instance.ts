/** A model's nodes once more in a graph under construction: on other inputs, or beside another model's. */
import { nodeLabel, renameUses, subgraphs } from "../../../model/onnx/index.ts";
import type { GraphBuilder, Model } from "../../../model/onnx/index.ts";
import { quote } from "../../../base/error/index.ts";
import { unsupported } from "../refuse.ts";

/**
 * Adds the nodes under fresh names. `names` says what stands for the model's inputs and weights; a weight that it does not name is the graph's own.
 * @returns the name in the graph of each value of the model
 * @throws defend/unsupported-model when the model branches or loops: names inside would be given twice
 */
export function instantiate(b: GraphBuilder, { graph }: Model, names: ReadonlyMap<string, string>): (value: string) => string {
  const known = new Map(names);
  const to = (name: string): string => known.get(name) ?? name;
  for (const node of graph.nodes) {
    if (subgraphs(node).length > 0)
      throw unsupported(
        `node ${quote(nodeLabel(node))} branches or loops`,
        "only models without control flow can run twice in one graph",
      );
    const inputs = renameUses(node, to);
    for (const output of node.outputs) if (output !== "") known.set(output, b.fresh(output));
    b.add({ ...inputs, name: "", outputs: node.outputs.map((output) => (output === "" ? "" : to(output))) });
  }
  return to;
}

/** Weights of a part of the graph's own model: what is the same tensor under the same name is not brought again. */
export function weightsIn(b: GraphBuilder, own: Model, part: Model): Map<string, string> {
  const strange = [...part.graph.initializers].filter(([name, tensor]) => own.graph.initializers.get(name) !== tensor);
  return new Map(strange.map(([name, tensor]) => [name, b.constant(tensor, name)]));
}

/** Brings another model's weights into the graph; gives their names there. */
export function bringWeights(b: GraphBuilder, { graph }: Model): Map<string, string> {
  return new Map([...graph.initializers].map(([name, tensor]) => [name, b.constant(tensor, name)]));
}
