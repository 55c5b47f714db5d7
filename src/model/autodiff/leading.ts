/** The part of a graph that a value is computed by. */
import { indexOf, usedBy } from "../onnx/index.ts";
import type { Graph, Node } from "../onnx/index.ts";

/** Nodes that a value depends on. */
export function leadingTo(graph: Graph, value: string): ReadonlySet<Node> {
  const index = indexOf(graph);
  const found = new Set<Node>();
  const open = [value];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = index.producer(name);
    if (node === undefined || found.has(node)) continue;
    found.add(node);
    open.push(...usedBy(node));
  }
  return found;
}

/** {@link leadingTo}, in the graph's order. */
export function nodesLeadingTo(graph: Graph, value: string): readonly Node[] {
  const leading = leadingTo(graph, value);
  return graph.nodes.filter((node) => leading.has(node));
}
