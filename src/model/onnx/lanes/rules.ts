/** Which operators keep rows apart, and where the rows are afterwards; see `step.ts`. What is not listed, or not certain, mixes. */
import { productOf } from "../dim.ts";
import { rowsSymbol } from "./lane.ts";
import type { Lane, RowRule, RowView } from "./lane.ts";

const positive = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Element by element with broadcasting, which aligns axes from the right: all rows must lie at the same place from there. */
const elementwise: RowRule = (view) => {
  const rank = view.outputDims(0)?.length;
  if (rank === undefined) return undefined;
  const places = new Set<number>();
  for (const [i, lane] of view.lanes.entries()) {
    if (lane === "free") continue;
    const dims = view.inputDims(i);
    if (dims === undefined) return undefined;
    places.add(rank - dims.length + lane);
  }
  return places.size === 1 ? [...places][0] : undefined;
};

/** Works on each index of axis 0 by itself, parameters being the same for all: convolution, pooling, resizing, normalisation by stored statistics. */
const perSample: RowRule = (view) => {
  const size = view.outputDims(0)?.[0];
  return view.only === 0 && size === rowsSymbol ? 0 : undefined;
};

/** The same for classical models. They take a vector for one example, so rows are told apart only where there are two dimensions. */
const perExample: RowRule = (view) => (view.only === 0 && view.inputDims(0)?.length === 2 ? 0 : undefined);

/** Enlarges by a factor for each axis; one for the rows. Cropping first would move along all axes. */
const resize: RowRule = (view) =>
  view.text("coordinate_transformation_mode", "half_pixel") === "tf_crop_and_resize" ? undefined : perSample(view);

/** Grows to a shape that must not depend on rows. */
const expand: RowRule = (view) => (view.only === undefined ? undefined : elementwise(view));

/** Mixes along one axis, given as an attribute; the others stay. */
const alongAxis =
  (fallback: number): RowRule =>
  (view) => {
    const rank = view.inputDims(0)?.length;
    if (view.only === undefined || rank === undefined) return undefined;
    return positive(view.int("axis", fallback), rank) === view.only ? undefined : view.only;
  };

/** Softmax and its like: before operator set 13 everything from `axis` on is one. */
const softmax: RowRule = (view) => {
  if (view.opset >= 13) return alongAxis(-1)(view);
  const rank = view.inputDims(0)?.length;
  if (view.only === undefined || rank === undefined) return undefined;
  return view.only < positive(view.int("axis", 1), rank) ? view.only : undefined;
};

/** Normalises everything from `axis` on. */
const layerNorm: RowRule = (view) => {
  const rank = view.inputDims(0)?.length;
  if (view.only === undefined || rank === undefined) return undefined;
  return view.only < positive(view.int("axis", -1), rank) ? view.only : undefined;
};

/** Takes the axes in `axes` away, or leaves them with size 1. */
function reduced(view: RowView, axes: readonly number[] | undefined, keep: boolean): Lane | undefined {
  const rank = view.inputDims(0)?.length;
  const lane = view.only;
  if (lane === undefined || rank === undefined || axes === undefined || axes.length === 0) return undefined;
  const gone = axes.map((axis) => positive(axis, rank));
  if (gone.includes(lane)) return undefined;
  return keep ? lane : lane - gone.filter((axis) => axis < lane).length;
}

const axesOf = (view: RowView): readonly number[] | undefined => view.ints("axes") ?? view.numbers(1);
const reduce: RowRule = (view) => reduced(view, axesOf(view), view.int("keepdims", 1) === 1);
const argReduce: RowRule = (view) => reduced(view, [view.int("axis", 0)], view.int("keepdims", 1) === 1);

const unsqueeze: RowRule = (view) => {
  const rank = view.outputDims(0)?.length;
  const axes = axesOf(view);
  if (view.only === undefined || rank === undefined || axes === undefined) return undefined;
  const made = new Set(axes.map((axis) => positive(axis, rank)));
  const kept = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !made.has(axis));
  return kept[view.only];
};

/** Row-major order stays, so rows stay together when what comes before them has as many elements as before. */
const reshape: RowRule = (view) => {
  const [from, to] = [view.inputDims(0), view.outputDims(0)];
  if (view.only === undefined || from?.[view.only] !== rowsSymbol || to === undefined) return undefined;
  const lane = to.indexOf(rowsSymbol);
  const before = productOf(from.slice(0, view.only));
  return lane >= 0 && before !== null && before !== 0 && before === productOf(to.slice(0, lane)) ? lane : undefined;
};

const flatten: RowRule = (view) => (view.only === 0 && view.int("axis", 1) === 1 ? 0 : undefined);

const transpose: RowRule = (view) => {
  const rank = view.inputDims(0)?.length;
  if (view.only === undefined || rank === undefined) return undefined;
  const perm = view.ints("perm") ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const lane = perm.indexOf(view.only);
  return lane >= 0 ? lane : undefined;
};

const concat: RowRule = (view) => {
  const rank = view.outputDims(0)?.length;
  const found = new Set(view.lanes.filter((lane) => lane !== "free"));
  const [lane] = found;
  if (rank === undefined || found.size !== 1 || lane === undefined) return undefined;
  return positive(view.int("axis", 0), rank) === lane ? undefined : lane;
};

const slice: RowRule = (view) => {
  const rank = view.inputDims(0)?.length;
  const axes = view.ints("axes") ?? view.numbers(3);
  if (view.only === undefined || rank === undefined || axes === undefined) return undefined;
  return axes.some((axis) => positive(axis, rank) === view.only) ? undefined : view.only;
};

const gather: RowRule = (view) => {
  const [data, index] = [view.inputDims(0)?.length, view.inputDims(1)?.length];
  const [dataLane, indexLane] = view.lanes;
  if (data === undefined || index === undefined) return undefined;
  const axis = positive(view.int("axis", 0), data);
  if (dataLane === "free" && indexLane !== "free") return axis + indexLane!;
  if (dataLane === "free" || indexLane !== "free" || dataLane === axis) return undefined;
  return dataLane! < axis ? dataLane! : dataLane! - 1 + index;
};

const gatherElements: RowRule = (view) => {
  const rank = view.inputDims(0)?.length;
  const [data, index] = view.lanes;
  if (rank === undefined) return undefined;
  if (data === "free") return index;
  const along = positive(view.int("axis", 0), rank);
  return data !== along && (index === "free" || index === data) ? data : undefined;
};

/** Matrix product: the last axis of the left and the last but one of the right are summed over. */
const matMul: RowRule = (view) => {
  const [left, right, out] = [view.inputDims(0)?.length, view.inputDims(1)?.length, view.outputDims(0)?.length];
  const [leftLane, rightLane] = view.lanes;
  if (left === undefined || right === undefined || out === undefined || left < 2 || right < 2) return undefined;
  const places = new Set<number>();
  if (leftLane !== "free") places.add(leftLane === left - 1 ? -1 : out - left + leftLane!);
  if (rightLane !== "free") places.add(rightLane === right - 2 ? -1 : out - right + rightLane!);
  const [place] = places;
  // Rows on both sides meet only in the axes that are looped over, never in the matrices.
  const both = leftLane !== "free" && rightLane !== "free";
  return places.size === 1 && place !== -1 && !(both && place! >= out - 2) ? place : undefined;
};

const gemm: RowRule = (view) => {
  const [a, b, c] = view.lanes;
  const addend = c === undefined || c === "free" || (c === 0 && view.inputDims(2)?.length === 2);
  return a === 0 && b === "free" && addend && view.int("transA", 0) === 0 ? 0 : undefined;
};

const batchNorm: RowRule = (view) => {
  const training = view.int("training_mode", 0) !== 0 || view.node.outputs.length > 1;
  return training ? undefined : perSample(view);
};

/** In training form it draws numbers, the same way for nobody. */
const dropout: RowRule = (view) => (view.node.inputs[2] ? undefined : view.only);

const pad: RowRule = (view) => {
  const rank = view.inputDims(0)?.length;
  const pads = view.ints("pads") ?? view.numbers(1);
  if (view.node.inputs[3]) return undefined; // pads of some axes only, in any order
  if (view.only === undefined || rank === undefined || pads?.length !== 2 * rank) return undefined;
  return pads[view.only] === 0 && pads[rank + view.only] === 0 ? view.only : undefined;
};

const tile: RowRule = (view) => (view.only !== undefined && view.numbers(1)?.[view.only] === 1 ? view.only : undefined);

/** Recurrent layers: rows are axis 1 of what comes in, axis 2 of the sequence and axis 1 of the last state that go out. */
const recurrent: RowRule = (view) => {
  const [x, w, r, b = "free", lengths = "free", hidden = "free", cell = "free", peepholes = "free"] = view.lanes;
  const parametersFree = [w, r, b, peepholes].every((lane) => lane === "free");
  const rowsFit = (lengths === "free" || lengths === 0) && [hidden, cell].every((lane) => lane === "free" || lane === 1);
  return x === 1 && parametersFree && rowsFit && view.int("layout", 0) === 0 ? [2, 1, 1] : undefined;
};

/** Axes by letter: the rows' letter is one, stays in the answer, and is not summed. */
const einsum: RowRule = (view) => {
  const equation = view.text("equation", "").replaceAll(" ", "");
  const [left, right] = equation.split("->");
  if (left === undefined || right === undefined || equation.includes(".")) return undefined;
  const operands = left.split(",");
  const letters = new Set(view.lanes.flatMap((lane, i) => (lane === "free" ? [] : [operands[i]?.[lane]])));
  const [letter] = letters;
  if (letters.size !== 1 || letter === undefined) return undefined;
  // A letter twice in one operand takes its diagonal.
  const twice = operands.some((operand) => operand.split(letter).length > 2);
  const at = right.indexOf(letter);
  return twice || at < 0 ? undefined : at;
};

const named = (rule: RowRule, names: string): [string, RowRule][] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name, rule]);

/** Rules by operator, those of other domains with the domain before them. */
export const rowRules: ReadonlyMap<string, RowRule> = new Map([
  ...named(
    elementwise,
    `Abs Acos Acosh Add And Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast Ceil Celu Clip Cos Cosh Div Elu
    Equal Erf Exp Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Less LessOrEqual Log Max
    Mean Min Mish Mod Mul Neg Not Or PRelu Pow Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Sub Sum Swish
    Tan Tanh ThresholdedRelu Where Xor`,
  ),
  ...named(
    perSample,
    `Conv ConvTranspose ConvInteger QLinearConv AveragePool MaxPool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool LRN
    InstanceNormalization GroupNormalization Upsample DepthToSpace SpaceToDepth`,
  ),
  ...named(
    perExample,
    `LinearClassifier LinearRegressor Scaler Normalizer TreeEnsembleClassifier TreeEnsembleRegressor TreeEnsemble SVMClassifier SVMRegressor
    LabelEncoder Imputer Binarizer OneHotEncoder CategoryMapper`.replaceAll(/\S+/g, "ai.onnx.ml.$&"),
  ),
  ...named(softmax, "Softmax LogSoftmax Hardmax"),
  ...named(alongAxis(-1), "TopK"),
  ...named(alongAxis(0), "Split"),
  ...named(layerNorm, "LayerNormalization RMSNormalization"),
  ...named(
    reduce,
    "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare",
  ),
  ...named(argReduce, "ArgMax ArgMin"),
  ...named(() => "free", "Shape Size"),
  ...named((view) => view.only, "QuantizeLinear DequantizeLinear"),
  ...named(recurrent, "LSTM GRU RNN"),
  ["Resize", resize],
  ["Expand", expand],
  ["Squeeze", (view) => reduced(view, axesOf(view), false)],
  ["Unsqueeze", unsqueeze],
  ["Reshape", reshape],
  ["Flatten", flatten],
  ["Transpose", transpose],
  ["Concat", concat],
  ["Slice", slice],
  ["Gather", gather],
  ["GatherElements", gatherElements],
  ["MatMul", matMul],
  ["Gemm", gemm],
  ["BatchNormalization", batchNorm],
  ["Dropout", dropout],
  ["Pad", pad],
  ["Tile", tile],
  ["Einsum", einsum],
]);
