/** Reductions: what was summed up gets the gradient of the sum, by its share. */
import { defineGradient } from "../define.ts";
import type { GradientContext, GradientRule } from "../define.ts";
import type { Ops } from "../ops/index.ts";
import { axisOf, range } from "../value.ts";
import type { Value } from "../value.ts";

/** A reduction with what it gives stretched again to broadcast against its input. */
interface Reduction {
  readonly x: Value;
  /** Gradient and result with reduced axes of size 1. */
  readonly g: Value;
  readonly y: Value;
  /** Axes that were reduced, or a tensor of them. */
  readonly axes: readonly number[] | Value;
  readonly op: Ops;
}

/** A rule for a reduction; nothing was reduced when the axes are empty and the node says so. */
const reduction =
  (rule: (reduction: Reduction) => Value): GradientRule =>
  (context) => {
    const { x, y, g, op, attrs } = context;
    const axes = axesOf(context);
    if (Array.isArray(axes) && axes.length === 0) return [rule({ x, y, g, axes, op })];
    if (attrs.int("keepdims", 1) === 1) return [rule({ x, y, g, axes, op })];
    const keep = (value: Value): Value => {
      if (!isTensor(axes)) return { ...op.unsqueeze({ ...value, dims: undefined }, axes), dims: keptDims(x, axes) };
      return op.emit({
        op: "Unsqueeze",
        inputs: [value, axes],
        outputs: [{ type: value.type, dims: x.dims?.map(() => null) }],
      })[0]!;
    };
    return [rule({ x, y: keep(y), g: keep(g), axes, op })];
  };

const isTensor = (axes: readonly number[] | Value): axes is Value => "name" in axes;

const keptDims = (x: Value, axes: readonly number[]) =>
  x.dims?.map((dim, i) => (axes.some((axis) => axisOf(axis, x.dims!.length) === i) ? 1 : dim));

/** Axes as attribute (until opset 17) or input. None given means all, unless the node says that it means none. */
function axesOf({ x, xs, attrs, numbers, op }: GradientContext): readonly number[] | Value {
  const given = attrs.ints("axes") ?? (xs[1] === undefined ? [] : numbers(xs[1]));
  if (given === undefined) return xs[1]!;
  if (given.length > 0) return given.map((axis) => (x.dims === undefined ? axis : axisOf(axis, x.dims.length)));
  return attrs.int("noop_with_empty_axes", 0) === 1 ? [] : range(op.rank(x));
}

const sumOver = ({ op, axes }: Reduction, x: Value): Value => (isTensor(axes) ? op.sum(x, axes) : op.sum(x, axes));

export const reduceSum = defineGradient(
  "ReduceSum",
  reduction(({ g, x, op }) => op.expandLike(g, x)),
);

export const reduceMean = defineGradient(
  "ReduceMean",
  reduction((r) => {
    const { g, x, op, axes } = r;
    if (!isTensor(axes)) return op.expandLike(op.div(g, op.countOf(x, axes)), x);
    const ones = op.expandLike(op.scalar(x.type, 1), x);
    return op.expandLike(op.div(g, sumOver(r, ones)), x);
  }),
);

/** Equal extremes share the gradient evenly, as in torch.amax. */
export const reduceExtremes = defineGradient(
  ["ReduceMax", "ReduceMin"],
  reduction((r) => {
    const { g, x, y, op } = r;
    const taken = op.cast(op.equal(x, y), x.type);
    return op.mul(taken, op.div(g, sumOver(r, taken)));
  }),
);

/** Products of the other factors: y/xᵢ, and where there are zeros, the product without that one zero. */
export const reduceProd = defineGradient(
  "ReduceProd",
  reduction((r) => {
    const { g, x, op, axes } = r;
    const zero = op.equal(x, 0);
    const zeros = sumOver(r, op.cast(zero, x.type));
    const others = op.where(zero, 1, x);
    const product = isTensor(axes) ? op.reduceProd(others, axes) : op.reduceProd(others, axes);
    const share = op.mul(g, product);
    const none = op.where(op.equal(zeros, 0), op.div(share, others), 0);
    return op.where(zero, op.where(op.equal(zeros, 1), share, 0), none);
  }),
);

export const reduceL1 = defineGradient(
  "ReduceL1",
  reduction(({ g, x, op }) => op.mul(g, op.sign(x))),
);

/** x/‖x‖; the derivative at the origin is 0, as in PyTorch. */
export const reduceL2 = defineGradient(
  "ReduceL2",
  reduction(({ g, x, y, op }) => op.mul(x, op.div(g, op.where(op.equal(y, 0), 1, y)))),
);

export const reduceSumSquare = defineGradient(
  "ReduceSumSquare",
  reduction(({ g, x, op }) => op.mul(op.mul(g, 2), x)),
);

export const reduceLogSum = defineGradient(
  "ReduceLogSum",
  reduction(({ g, x, y, op }) => op.expandLike(op.div(g, op.exp(y)), x)),
);

export const reduceLogSumExp = defineGradient(
  "ReduceLogSumExp",
  reduction(({ g, x, y, op }) => op.mul(g, op.exp(op.sub(x, y)))),
);

/** The gradient of a running sum is the running sum from the other end. */
export const cumSum = defineGradient("CumSum", ({ g, xs, op, attrs }) => [
  op.cumSum(g, xs[1]!, { exclusive: attrs.int("exclusive", 0), reverse: 1 - attrs.int("reverse", 0) }),
]);
