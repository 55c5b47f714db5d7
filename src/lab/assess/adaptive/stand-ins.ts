/** What stands for a node whose slope is missing, vanishes or says nothing: near functions that tell which way to go. */
import { intAttr, tensorOf, toFloat } from "../../../model/onnx/index.ts";
import type { GraphBuilder, Node, Tensor } from "../../../model/onnx/index.ts";

const float32 = 1;
/** Codes of the integer types in ONNX's TensorProto. */
const wholeNumbers = new Set([2, 3, 4, 5, 6, 7, 12, 13]);

/** A place in the graph under construction. */
export interface Site {
  readonly b: GraphBuilder;
  readonly node: Node;
  producer(value: string): Node | undefined;
  /** The tensor of a value that is stored in the file. */
  stored(value: string): Tensor | undefined;
  scalar(value: number): string;
  /** A smooth step from 0 to 1 where `a` passes `b`. */
  step(a: string, b: string): string;
}

/** Gives the value that stands for the node's first output, or undefined to leave the node as it is. */
export type Replace = (site: Site) => string | undefined;

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

/** Behind the end of a range stands a value without a slope: the slope inside goes on. */
const unclipped: Replace = ({ b, node, stored }) => {
  const moving = node.op === "Clip" ? node.inputs.slice(0, 1) : node.inputs.filter((value) => stored(value) === undefined);
  return moving.length === 1 ? b.op("Identity", [moving[0]]) : undefined;
};

/** How steep a table is around each of its places: its rise over a few places to both sides. */
function steepnessOf(values: Float32Array): Float32Array {
  const reach = Math.max(1, values.length >> 5);
  return values.map((_, place) => {
    const [from, to] = [Math.max(0, place - reach), Math.min(values.length - 1, place + reach)];
    return to > from ? (values[to]! - values[from]!) / (to - from) : 0;
  });
}

/** Without a slope by construction. */
export const broken: Readonly<Record<string, Replace>> = {
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
  Gather({ b, node, producer, stored }) {
    // A table that is read at a rounded place: its slope there.
    const [table, place] = [stored(node.inputs[0]!), producer(node.inputs[1]!)];
    if (table?.type !== "float32" || table.dims.length !== 1 || place?.op !== "Cast") return undefined;
    const steep = tensorOf("float32", table.dims, steepnessOf(toFloat(table)));
    return b.op("Mul", [b.op("Gather", [b.constant(steep), node.inputs[1]]), place.inputs[0]]);
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

export const straightThrough: Readonly<Record<string, Replace>> = { Round: straight, Floor: straight, Ceil: straight };

/** With a slope that vanishes in floating point, or is infinite at a point: heavy tails and a little room instead. */
export const saturating: Readonly<Record<string, Replace>> = {
  Tanh: ({ b, node }) => b.op("Softsign", [node.inputs[0]]),
  Erf: ({ b, node }) => b.op("Softsign", [node.inputs[0]]),
  Sigmoid: ({ b, node, scalar }) => b.op("Add", [scalar(0.5), b.op("Mul", [scalar(0.5), b.op("Softsign", [node.inputs[0]])])]),
  HardSigmoid: ({ b, node, scalar }) =>
    b.op("Add", [scalar(0.5), b.op("Mul", [scalar(0.5), b.op("Softsign", [node.inputs[0]])])]),
  Sqrt: ({ b, node, scalar }) => b.op("Sqrt", [b.op("Add", [node.inputs[0], scalar(1e-4)])]),
  Clip: unclipped,
  Min: unclipped,
  Max: unclipped,
  Log: ({ b, node, scalar }) => b.op("Log", [b.op("Add", [node.inputs[0], scalar(1e-6)])]),
};

/** Waves so short that their slopes say nothing: over a few of them they neither rise nor fall. */
const held: Replace = ({ b, node, scalar }) => b.op("Mul", [node.inputs[0], scalar(0)]);

export const waves: Readonly<Record<string, Replace>> = { Sin: held, Cos: held };

/**
 * Stand-ins that lend their slope only: what is computed stays what the node computes, as the paper has it. A choice between classes is no
 * such node: its values say nothing about which class comes second, and a loss over them has nowhere to go.
 */
export const slopeOnly = new Set([
  "Round",
  "Floor",
  "Ceil",
  "Sign",
  "Cast",
  "Where",
  "Gather",
  "Clip",
  "Min",
  "Max",
  "Sin",
  "Cos",
]);
