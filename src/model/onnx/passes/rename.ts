/** Giving values other names, inside subgraphs too. */
import type { Attribute, Graph, Node } from "../graph.ts";

/** A node that reads other values; its outputs keep their names. Subgraphs follow, except where a name is their own. */
export function renameUses(node: Node, to: (name: string) => string): Node {
  const inputs = node.inputs.map((name) => (name === "" ? "" : to(name)));
  let changed = inputs.some((name, i) => name !== node.inputs[i]);
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) {
    const renamed = renameAttribute(attribute, to);
    changed ||= renamed !== attribute;
    attributes.set(name, renamed);
  }
  return changed ? { ...node, inputs, attributes } : node;
}

function renameAttribute(attribute: Attribute, to: (name: string) => string): Attribute {
  if (attribute.kind === "graph") {
    const graph = renameCaptured(attribute.value, to);
    return graph === attribute.value ? attribute : { kind: "graph", value: graph };
  }
  if (attribute.kind !== "graphs") return attribute;
  return { kind: "graphs", value: attribute.value.map((graph) => renameCaptured(graph, to)) };
}

/** A subgraph that reads other values of the graph around it. */
function renameCaptured(graph: Graph, to: (name: string) => string): Graph {
  const own = new Set([...graph.inputs.map(({ name }) => name), ...graph.initializers.keys()]);
  for (const node of graph.nodes) for (const name of node.outputs) own.add(name);
  const outer = (name: string): string => (own.has(name) ? name : to(name));
  const nodes = graph.nodes.map((node) => renameUses(node, outer));
  const outputs = graph.outputs.map((info) => (outer(info.name) === info.name ? info : { ...info, name: outer(info.name) }));
  const same = nodes.every((node, i) => node === graph.nodes[i]) && outputs.every((info, i) => info === graph.outputs[i]);
  return same ? graph : { ...graph, nodes, outputs };
}
