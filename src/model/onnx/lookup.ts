/** Who makes a value and who uses it, indexed once per graph and kept as long as the graph lives. */
import { subgraphs } from "./graph.ts";
import type { Graph, Node } from "./graph.ts";

/** Answers about one graph. Values of outer graphs that its subgraphs read count as uses by the node that holds the subgraph. */
export interface GraphIndex {
  /** The node that makes a value; undefined for inputs, initializers and names from outside. */
  producer(value: string): Node | undefined;
  /** Nodes that read a value, each once, in order. */
  consumers(value: string): readonly Node[];
  /** Which output of its producer a value is, −1 when no node makes it. */
  outputIndex(value: string): number;
  isOutput(value: string): boolean;
  isInput(value: string): boolean;
  /** All names in use: values, inputs, initializers, also those inside subgraphs. */
  readonly names: ReadonlySet<string>;
}

const cache = new WeakMap<Graph, GraphIndex>();

/**
 * The index of a graph.
 * @example
 * const conv = indexOf(graph).producer("logits");
 */
export function indexOf(graph: Graph): GraphIndex {
  let index = cache.get(graph);
  if (index === undefined) {
    index = build(graph);
    cache.set(graph, index);
  }
  return index;
}

function build(graph: Graph): GraphIndex {
  const producers = new Map<string, Node>();
  const consumers = new Map<string, Node[]>();
  const names = new Set<string>();
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  for (const node of graph.nodes) {
    for (const value of usedBy(node)) {
      const uses = consumers.get(value);
      if (uses === undefined) consumers.set(value, [node]);
      else uses.push(node);
    }
    for (const value of node.outputs) if (value !== "") producers.set(value, node);
  }
  collectNames(graph, names);
  return {
    producer: (value) => producers.get(value),
    consumers: (value) => consumers.get(value) ?? [],
    outputIndex: (value) => producers.get(value)?.outputs.indexOf(value) ?? -1,
    isOutput: (value) => outputs.has(value),
    isInput: (value) => inputs.has(value),
    names,
  };
}

/** Values that a node reads, its subgraphs' captures included, each once and without the absent ones. */
export function usedBy(node: Node): ReadonlySet<string> {
  const used = new Set(node.inputs);
  for (const { graph } of subgraphs(node)) for (const value of capturedBy(graph)) used.add(value);
  used.delete("");
  return used;
}

const captures = new WeakMap<Graph, ReadonlySet<string>>();

/** Names that a subgraph reads and does not define: they come from a graph around it. */
export function capturedBy(graph: Graph): ReadonlySet<string> {
  const known = captures.get(graph);
  if (known !== undefined) return known;
  const defined = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...(graph.sparseInitializers?.keys() ?? []),
  ]);
  const free = new Set<string>();
  for (const node of graph.nodes) {
    for (const value of usedBy(node)) if (!defined.has(value)) free.add(value);
    for (const value of node.outputs) defined.add(value);
  }
  for (const { name } of graph.outputs) if (!defined.has(name)) free.add(name);
  captures.set(graph, free);
  return free;
}

function collectNames(graph: Graph, into: Set<string>): void {
  for (const { name } of graph.inputs) into.add(name);
  for (const { name } of graph.outputs) into.add(name);
  for (const name of graph.initializers.keys()) into.add(name);
  for (const name of graph.sparseInitializers?.keys() ?? []) into.add(name);
  for (const node of graph.nodes) {
    for (const value of node.inputs) into.add(value);
    for (const value of node.outputs) into.add(value);
    for (const { graph: inner } of subgraphs(node)) collectNames(inner, into);
  }
  into.delete("");
}
