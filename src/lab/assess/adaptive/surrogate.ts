/**
 * A differentiable stand-in for a model whose gradient is broken: nodes without a useful derivative are replaced by near functions that have
 * one. Backward pass differentiable approximation (Athalye et al. 2018, arXiv:1802.00420, section 4.1); answers are always asked of the
 * model itself, the stand-in only says which way to go.
 */
import { GraphBuilder, indexOf, inlineFunctions, nodeLabel, raiseOpset, withoutZipMap } from "../../../model/onnx/index.ts";
import type { Graph, Model } from "../../../model/onnx/index.ts";
import { broken, saturating, slopeOnly, straightThrough, waves } from "./stand-ins.ts";
import type { Site } from "./stand-ins.ts";

export interface Surrogate {
  readonly model: Model;
  /** The nodes that were replaced, as messages name them. Untrusted text. */
  readonly replaced: readonly string[];
}

/** The value of `exact` with the slope of `smooth`. Rounding to a millionth has no slope: the difference is added without one. */
function lendSlope(b: GraphBuilder, smooth: string, exact: string): string {
  const fine = b.op("Mul", [b.op("Sub", [exact, smooth]), b.scalar("float32", 2 ** 20)]);
  return b.op("Add", [smooth, b.op("Mul", [b.op("Round", [fine]), b.scalar("float32", 2 ** -20)])]);
}

/**
 * The stand-in, or undefined when nothing in the graph needs one.
 *
 * @param options.saturating also replaces what saturates, when gradients were measured to vanish or to be no numbers
 * @param options.waves also holds waves still, where something beside them leads to the output
 * @param options.exact keeps the values of roundings, and replaces only their slopes
 */
export function surrogateOf(
  given: Model,
  options: { readonly saturating: boolean; readonly waves?: boolean | undefined; readonly exact?: boolean | undefined },
): Surrogate | undefined {
  const model = raiseOpset(inlineFunctions(withoutZipMap(given)), 18);
  const { graph } = model;
  const rules = {
    ...broken,
    ...(options.exact === true ? straightThrough : {}),
    ...(options.saturating ? saturating : {}),
    ...(options.waves === true && leadsPast(graph, new Set(Object.keys(waves))) ? waves : {}),
  };
  const index = indexOf(graph);
  const b = new GraphBuilder({
    from: { ...graph, nodes: [], valueInfo: new Map() },
    opsets: model.opsets,
    names: new Set(index.names),
  });
  const replaced: string[] = [];
  for (const node of graph.nodes) {
    const rule = node.domain === "" || node.domain === "ai.onnx" ? rules[node.op] : undefined;
    const site: Site = {
      b,
      node,
      producer: (value) => index.producer(value),
      stored: (value) => graph.initializers.get(value),
      scalar: (value) => b.scalar("float32", value),
      step: (left, right) => b.op("Sigmoid", [b.op("Mul", [b.op("Sub", [left, right]), b.scalar("float32", steepness)])]),
    };
    let value = rule?.(site);
    if (value === undefined) b.add(node);
    else {
      replaced.push(nodeLabel(node));
      if (slopeOnly.has(node.op)) {
        const exact = b.fresh(`${node.outputs[0]!}_exact`);
        b.add({ ...node, outputs: [exact] });
        value = lendSlope(b, value, exact);
      }
      b.add({ op: "Identity", domain: "", name: "", inputs: [value], outputs: [node.outputs[0]!], attributes: new Map() });
    }
  }
  return replaced.length === 0 ? undefined : { model: b.model(model), replaced };
}

/** Whether a way from the inputs to the outputs is left without the nodes of these kinds. */
function leadsPast(graph: Graph, without: ReadonlySet<string>): boolean {
  const reached = new Set(graph.inputs.map(({ name }) => name));
  for (const { op, inputs, outputs } of graph.nodes)
    if (!without.has(op) && inputs.some((value) => reached.has(value))) for (const value of outputs) reached.add(value);
  return graph.outputs.some(({ name }) => reached.has(name));
}

/** A step of height one over about a tenth: steep enough to decide, flat enough to feel. */
const steepness = 10;

/** A classifier that tells labels only, from its own scores: the choice at its end is cut off. The same model when it has no such end. */
export function revealScores(model: Model): Model {
  const { graph } = model;
  const index = indexOf(graph);
  const outputs = graph.outputs.map((output) => {
    let node = index.producer(output.name);
    while (node !== undefined && (node.op === "Cast" || node.op === "Identity" || node.op === "Squeeze"))
      node = index.producer(node.inputs[0]!);
    return node?.op === "ArgMax" ? { name: node.inputs[0]! } : output;
  });
  const changed = outputs.some((output, at) => output !== graph.outputs[at]);
  return changed ? { ...model, graph: { ...graph, outputs } } : model;
}
