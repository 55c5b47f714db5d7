/**
 * A differentiable stand-in for a model whose gradient is broken: nodes without a useful derivative are replaced by near functions that have
 * one. Backward pass differentiable approximation (Athalye et al. 2018, arXiv:1802.00420, section 4.1); answers are always asked of the
 * model itself, the stand-in only says which way to go.
 */
import {
  GraphBuilder,
  indexOf,
  inlineFunctions,
  intAttr,
  nodeLabel,
  raiseOpset,
  withoutZipMap,
} from "../../../model/onnx/index.ts";
import type { Model, Node } from "../../../model/onnx/index.ts";

export interface Surrogate {
  readonly model: Model;
  /** The nodes that were replaced, as messages name them. Untrusted text. */
  readonly replaced: readonly string[];
}

/** A place in the graph under construction. */
interface Site {
  readonly b: GraphBuilder;
  readonly node: Node;
  producer(value: string): Node | undefined;
  scalar(value: number): string;
  /** A smooth step from 0 to 1 where `a` passes `b`. */
  step(a: string, b: string): string;
}

/** Gives the value that stands for the node's first output, or undefined to leave the node as it is. */
type Replace = (site: Site) => string | undefined;

const identity: Replace = ({ b, node }) => b.op("Identity", [node.inputs[0]]);

const comparisons: Readonly<Record<string, 1 | -1>> = { Greater: 1, GreaterOrEqual: 1, Less: -1, LessOrEqual: -1 };

/** The smooth step of a comparison, undefined when the value comes from something else. */
function stepOf({ producer, step }: Site, value: string): string | undefined {
  const node = producer(value);
  const sign = node === undefined ? undefined : comparisons[node.op];
  if (node === undefined || sign === undefined) return undefined;
  const [left, right] = node.inputs as [string, string];
  return sign === 1 ? step(left, right) : step(right, left);
}

/** Without a slope by construction. */
const broken: Readonly<Record<string, Replace>> = {
  Round: identity,
  Floor: identity,
  Ceil: identity,
  Sign: ({ b, node, scalar }) => b.op("Tanh", [b.op("Mul", [node.inputs[0], scalar(4)])]),
  Hardmax: ({ b, node }) => b.op("Softmax", [node.inputs[0]], { axis: intAttr(node, "axis", -1) }),
  Cast(site) {
    const { b, node, producer } = site;
    const smooth = stepOf(site, node.inputs[0]!);
    if (smooth !== undefined && intAttr(node, "to", 0) === float32) return b.op("Identity", [smooth]);
    // To a whole number and back again: a step, seen as the line through it.
    const before = producer(node.inputs[0]!);
    if (before?.op === "Cast" && intAttr(node, "to", 0) === float32 && wholeNumbers.has(intAttr(before, "to", 0)))
      return b.op("Identity", [before.inputs[0]]);
    return undefined;
  },
  Where(site) {
    const { b, node, scalar } = site;
    const smooth = stepOf(site, node.inputs[0]!);
    if (smooth === undefined) return undefined;
    const other = b.op("Sub", [scalar(1), smooth]);
    return b.op("Add", [b.op("Mul", [smooth, node.inputs[1]]), b.op("Mul", [other, node.inputs[2]])]);
  },
  OneHot({ b, node, producer }) {
    let from = producer(node.inputs[0]!);
    while (from !== undefined && (from.op === "Cast" || from.op === "Identity" || from.op === "Squeeze"))
      from = producer(from.inputs[0]!);
    if (from?.op !== "ArgMax") return undefined;
    // A choice, seen as the soft choice that it is the limit of.
    return b.op("Softmax", [from.inputs[0]], { axis: intAttr(from, "axis", 0) });
  },
};

/**
 * The true value forwards, the identity backwards: x + (round(x) − x), where the difference is held still by a rounding of its own, so fine that
 * nobody sees it. A detector compares answers to what came and to what was rounded: a stand-in that does not round would find nothing to compare.
 */
const straight: Replace = ({ b, node, scalar }) => {
  const [x] = node.inputs;
  const moved = b.op("Sub", [b.op(node.op, [x]), x]);
  const still = b.op("Mul", [b.op("Round", [b.op("Mul", [moved, scalar(2 ** 20)])]), scalar(2 ** -20)]);
  return b.op("Add", [x, still]);
};

const straightThrough: Readonly<Record<string, Replace>> = { Round: straight, Floor: straight, Ceil: straight };

/** With a slope that vanishes in floating point, or is infinite at a point: heavy tails and a little room instead. */
const saturating: Readonly<Record<string, Replace>> = {
  Tanh: ({ b, node }) => b.op("Softsign", [node.inputs[0]]),
  Erf: ({ b, node }) => b.op("Softsign", [node.inputs[0]]),
  Sigmoid: ({ b, node, scalar }) => b.op("Add", [scalar(0.5), b.op("Mul", [scalar(0.5), b.op("Softsign", [node.inputs[0]])])]),
  HardSigmoid: ({ b, node, scalar }) =>
    b.op("Add", [scalar(0.5), b.op("Mul", [scalar(0.5), b.op("Softsign", [node.inputs[0]])])]),
  Sqrt: ({ b, node, scalar }) => b.op("Sqrt", [b.op("Add", [node.inputs[0], scalar(1e-4)])]),
  Log: ({ b, node, scalar }) => b.op("Log", [b.op("Add", [node.inputs[0], scalar(1e-6)])]),
};

/**
 * Stand-ins that lend their slope only: what is computed stays what the node computes, as the paper has it. A choice between classes is no
 * such node: its values say nothing about which class comes second, and a loss over them has nowhere to go.
 */
const slopeOnly = new Set(["Round", "Floor", "Ceil", "Sign", "Cast", "Where"]);

/** The value of `exact` with the slope of `smooth`. Rounding to a millionth has no slope: the difference is added without one. */
function lendSlope(b: GraphBuilder, smooth: string, exact: string): string {
  const fine = b.op("Mul", [b.op("Sub", [exact, smooth]), b.scalar("float32", 2 ** 20)]);
  return b.op("Add", [smooth, b.op("Mul", [b.op("Round", [fine]), b.scalar("float32", 2 ** -20)])]);
}

const float32 = 1;
/** Codes of the integer types in ONNX's TensorProto. */
const wholeNumbers = new Set([2, 3, 4, 5, 6, 7, 12, 13]);

/**
 * The stand-in, or undefined when nothing in the graph needs one.
 *
 * @param options.saturating also replaces what saturates, when gradients were measured to vanish or to be no numbers
 * @param options.exact keeps the values of roundings, and replaces only their slopes
 */
export function surrogateOf(
  given: Model,
  options: { readonly saturating: boolean; readonly exact?: boolean | undefined },
): Surrogate | undefined {
  const model = raiseOpset(inlineFunctions(withoutZipMap(given)), 18);
  const rules = { ...broken, ...(options.exact === true ? straightThrough : {}), ...(options.saturating ? saturating : {}) };
  const { graph } = model;
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
