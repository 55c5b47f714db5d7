/** Nodes, constants and notes that no output needs. */
import type { Graph, Node } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { usedBy } from "../lookup.ts";

/** The same graph without what no output needs. Inputs stay: they are the model's face. */
export function removeDeadCode(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const kept: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => name !== "" && needed.has(name))) continue;
    for (const name of usedBy(node)) needed.add(name);
    kept.push(node);
  }
  const made = new Set(kept.flatMap(({ outputs }) => outputs));
  const initializers = new Map<string, Tensor>([...graph.initializers].filter(([name]) => needed.has(name)));
  const sparse = new Map([...(graph.sparseInitializers ?? [])].filter(([name]) => needed.has(name)));
  return {
    ...graph,
    nodes: kept.reverse(),
    initializers,
    valueInfo: new Map([...graph.valueInfo].filter(([name]) => made.has(name))),
    ...(sparse.size > 0 ? { sparseInitializers: sparse } : {}),
  };
}
