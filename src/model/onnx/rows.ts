/**
 * Whether each row of a model's outputs depends only on the same row of its inputs. Only then may rows of different callers share a
 * run: a graph that normalises over the batch would let one caller's rows change, and so reveal, another's.
 *
 * The proof follows where the row axis goes through the graph. What it cannot follow (control flow, sequences, operators it has no
 * fact for) counts as mixing: the price is a smaller batch, never a leak.
 */
import { intAttr, intsAttr, stringAttr } from "./attribute.ts";
import { productOf, symbolsOf } from "./dim.ts";
import { operatorName, subgraphs } from "./graph.ts";
import type { Dim, Node } from "./graph.ts";
import { asTensor } from "./infer/abstract.ts";
import type { Abstract } from "./infer/abstract.ts";
import type { Visit } from "./infer/engine.ts";

/**
 * What a value has to do with rows: `free` of them, holding `rows` along one axis, a `count` of them (from Shape, which may steer
 * shapes but not values), or `mixed`.
 */
type State = { readonly kind: "free" | "count" | "mixed" } | { readonly kind: "rows"; readonly axis: number };

/** One node with what is known of its inputs. */
interface Step {
  readonly node: Node;
  readonly opset: number;
  readonly states: readonly State[];
  readonly inputs: readonly (Abstract | undefined)[];
  readonly outputs: readonly Abstract[];
}

/** True when rows stay apart in this node, provided each output has one row axis. */
type Keeps = (step: Step) => boolean;

const free: State = { kind: "free" };
const mixed: State = { kind: "mixed" };

/** Follows rows through a graph, visit by visit. */
export class RowTracker {
  private readonly states = new Map<string, State>();
  private readonly row: string;
  private readonly opsets: ReadonlyMap<string, number>;

  /** `row` is the symbol of dimension 0 of the named inputs. */
  constructor(row: string, { inputs, opsets }: { inputs: readonly string[]; opsets: ReadonlyMap<string, number> }) {
    this.row = row;
    this.opsets = opsets;
    for (const name of inputs) this.states.set(name, { kind: "rows", axis: 0 });
  }

  /** Takes the next node of the main graph. */
  visit({ node, inputs, outputs, depth }: Visit): void {
    if (depth > 0) return;
    const states = node.inputs.map((name) => this.states.get(name) ?? free);
    const opset = this.opsets.get(node.domain) ?? 1;
    const next = this.after({ node, opset, states, inputs, outputs });
    for (const [i, name] of node.outputs.entries()) {
      const state = next === "rows" ? this.rowsOf(outputs[i]) : isNumber(next, outputs[i]) ? free : next;
      if (name !== "" && state.kind !== "free") this.states.set(name, state);
    }
  }

  /** Whether an output has its rows in front and none of them saw another. */
  isApart(output: string): boolean {
    const state = this.states.get(output);
    return state?.kind === "rows" && state.axis === 0;
  }

  private after(step: Step): State | "rows" {
    const kinds = new Set(step.states.map(({ kind }) => kind));
    // A body may read values from around it that are not among the node's inputs.
    if (kinds.has("mixed") || subgraphs(step.node).length > 0) return mixed;
    if (!kinds.has("rows")) return kinds.has("count") && !repeats(step) ? { kind: "count" } : free;
    if (step.node.op === "Shape" || step.node.op === "Size") return { kind: "count" };
    const steers = shapeInputs[step.node.op] ?? [];
    const countsOnly = step.states.every(({ kind }, i) => kind !== "count" || steers.includes(i));
    return countsOnly && (rules.get(operatorName(step.node))?.(step) ?? false) ? "rows" : mixed;
  }

  /** The one axis that is the rows; mixed when there is none, or rows show up elsewhere. */
  private rowsOf(value: Abstract | undefined): State {
    const dims = asTensor(value)?.dims;
    if (dims === undefined) return mixed;
    const axes = dims.flatMap((dim, axis) => (symbolsOf(dim).has(this.row) ? [axis] : []));
    const [axis] = axes;
    return axes.length === 1 && dims[axis!] === this.row ? { kind: "rows", axis: axis! } : mixed;
  }
}

/** The same for every row, however many there are: the count only says how often. */
const repeats = ({ node, states }: Step): boolean =>
  node.op === "ConstantOfShape" || (node.op === "Expand" && states[0]?.kind === "free");

/** A part of a shape that is a number whatever the number of rows. */
const isNumber = (state: State, value: Abstract | undefined): boolean =>
  state.kind === "count" && value?.elements?.every((element) => typeof element === "number") === true;

/** Inputs that are shapes, positions or lengths: they may know how many rows there are. */
const shapeInputs: Readonly<Record<string, readonly number[]>> = {
  Reshape: [1],
  Expand: [1],
  Slice: [1, 2, 3, 4],
  Tile: [1],
  Pad: [1],
  Resize: [1, 2, 3],
  Split: [1],
  Unsqueeze: [1],
  Squeeze: [1],
};

const dimsOf = (step: Step, input: number): readonly Dim[] | undefined => asTensor(step.inputs[input])?.dims;

const axisOf = (step: Step, input: number): number | undefined => {
  const state = step.states[input];
  return state?.kind === "rows" ? state.axis : undefined;
};

const always: Keeps = () => true;

/** Rows of every input that has them are in front. */
const inFront: Keeps = (step) => step.states.every((state) => state.kind !== "rows" || state.axis === 0);

/** Works along one axis, which must not be the rows'. */
const along =
  (fallback: number): Keeps =>
  (step) => {
    const rank = dimsOf(step, 0)?.length;
    const row = axisOf(step, 0);
    if (rank === undefined || row === undefined) return row === undefined;
    const axis = intAttr(step.node, "axis", fallback);
    return (axis < 0 ? axis + rank : axis) !== row;
  };

/** Works on everything from an axis on; rows must lie before it. */
const from =
  (fallback: number): Keeps =>
  (step) => {
    const rank = dimsOf(step, 0)?.length;
    const row = axisOf(step, 0);
    if (rank === undefined || row === undefined) return row === undefined;
    const axis = intAttr(step.node, "axis", fallback);
    return row < (axis < 0 ? axis + rank : axis);
  };

const softmax: Keeps = (step) => (step.opset >= 13 ? along(-1) : from(1))(step);

/** Sums over the rows of the right factor's next-to-last axis. */
const matmul: Keeps = (step) => {
  const right = axisOf(step, 1);
  const rank = dimsOf(step, 1)?.length;
  return right === undefined || (rank !== undefined && right !== Math.max(0, rank - 2));
};

const gemm: Keeps = (step) => {
  const [a, b] = [axisOf(step, 0), axisOf(step, 1)];
  const kept = { a: intAttr(step.node, "transA", 0) === 0 ? 0 : 1, b: intAttr(step.node, "transB", 0) === 0 ? 1 : 0 };
  return (a === undefined || a === kept.a) && (b === undefined || b === kept.b);
};

/** The letter of each row axis must still be there in the result. */
const einsum: Keeps = (step) => {
  const [left = "", right] = stringAttr(step.node, "equation", "").replaceAll(/\s/g, "").split("->");
  if (right === undefined || left.includes(".")) return false;
  const letters = left.split(",").map((term, i) => {
    const axis = axisOf(step, i);
    return axis === undefined ? undefined : term[axis];
  });
  const rows = new Set(letters.filter((letter) => letter !== undefined));
  // One letter for all: two different ones would pair every row with every other.
  return rows.size === 1 && [...rows].every((letter) => right.includes(letter));
};

/** Memory order is kept, so rows stay whole only when as much lies before their axis as did. */
const reshape: Keeps = (step) => {
  const row = axisOf(step, 0);
  const [before, after] = [dimsOf(step, 0), asTensor(step.outputs[0])?.dims];
  if (row === undefined || before === undefined || after === undefined) return false;
  const symbol = before[row];
  return productOf(before.slice(0, row)) === productOf(after.slice(0, after.indexOf(symbol!)));
};

/** Padding in front of the rows would shift them even where their number stays. */
const pad: Keeps = (step) => {
  const row = axisOf(step, 0);
  const pads = intsAttr(step.node, "pads", undefined) ?? step.inputs[1]?.elements;
  if (row === undefined || pads === undefined || (step.node.inputs[3] ?? "") !== "") return false;
  return pads[row] === 0 && pads[row + pads.length / 2] === 0;
};

/** Data picked by rows of indices is an embedding; rows of data picked by index may be anybody's. */
const gather: Keeps = (step) => (axisOf(step, 0) === undefined ? true : along(0)(step) && axisOf(step, 1) === undefined);

const recurrent: Keeps = (step) => {
  const batch = intAttr(step.node, "layout", 0) === 1 ? 0 : 1;
  const lengths = axisOf(step, 4);
  return step.states.every((state, i) => state.kind !== "rows" || i === 4 || state.axis === batch) && (lengths ?? 0) === 0;
};

/** Running statistics are constants; training computes them over the rows. */
const batchNorm: Keeps = (step) =>
  inFront(step) && intAttr(step.node, "training_mode", 0) === 0 && step.node.outputs.slice(1).every((name) => name === "");

const topK: Keeps = (step) => along(-1)(step) && axisOf(step, 1) === undefined;

const cumulative: Keeps = (step) => {
  const rank = dimsOf(step, 0)?.length;
  const axis = step.inputs[1]?.elements?.[0];
  if (rank === undefined || typeof axis !== "number") return false;
  return (axis < 0 ? axis + rank : axis) !== axisOf(step, 0);
};

const meanVariance: Keeps = (step) => !intsAttr(step.node, "axes", [0, 2, 3]).includes(axisOf(step, 0) ?? -1);

const lastTwo: Keeps = (step) => (axisOf(step, 0) ?? 0) < (dimsOf(step, 0)?.length ?? 0) - 2;

const list = (names: string, keeps: Keeps): [string, Keeps][] => names.split(" ").map((name) => [name, keeps]);

const elementwise =
  "Abs Acos Acosh Add And Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil Celu Clip Cos Cosh " +
  "DequantizeLinear Div Dropout Elu Equal Erf Exp Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu " +
  "Less LessOrEqual Log Max Mean Min Mish Mod Mul Neg Not Or PRelu Pow QuantizeLinear Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin " +
  "Sinh Softplus Softsign Sqrt Sub Sum Swish Tan Tanh ThresholdedRelu Where Xor";
const reductions =
  "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare ArgMax ArgMin";
const images =
  "Conv ConvInteger QLinearConv ConvTranspose MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool InstanceNormalization " +
  "GroupNormalization LRN DepthToSpace SpaceToDepth Resize Upsample GridSample Attention";
/** Their shape shows when they touch the rows: the row axis is gone, longer, or there twice. */
const movers = "Transpose Squeeze Unsqueeze Expand Tile Concat Split Slice OneHot";
const features =
  "Binarizer CategoryMapper FeatureVectorizer Imputer LabelEncoder LinearClassifier LinearRegressor Normalizer OneHotEncoder SVMClassifier " +
  "SVMRegressor Scaler TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor ArrayFeatureExtractor";

const rules: ReadonlyMap<string, Keeps> = new Map<string, Keeps>([
  ...list(`${elementwise} ${reductions} ${movers}`, always),
  ...list(images, inFront),
  ...list("Softmax LogSoftmax Hardmax", softmax),
  ...list("LpNormalization", along(-1)),
  ...list("LayerNormalization RMSNormalization", from(-1)),
  ...list("MatMul MatMulInteger", matmul),
  ...list("Reshape Flatten", reshape),
  ...list("GatherElements ScatterElements Scatter", along(0)),
  ...list("LSTM GRU RNN", recurrent),
  ...list("CumSum CumProd", cumulative),
  ...list("TopK", topK),
  ["BatchNormalization", batchNorm],
  ["Gemm", gemm],
  ["Einsum", einsum],
  ["Pad", pad],
  ["Gather", gather],
  ["MeanVarianceNormalization", meanVariance],
  ["Trilu", lastTwo],
  ...features.split(" ").map((name): [string, Keeps] => [`ai.onnx.ml::${name}`, inFront]),
]);
