/** Normalisation layers. */
import { defineGradient, defineLowering } from "../define.ts";
import type { Ops } from "../ops/index.ts";
import { axisOf, range } from "../value.ts";
import type { Size, Value } from "../value.ts";

/** A vector over channels, shaped to broadcast over [batch, channels, …]. */
const overChannels = (op: Ops, v: Value, rank: number): Value =>
  op.unsqueeze(
    v,
    [0, ...range(rank, 2)].filter((axis) => axis < rank && axis !== 1),
  );

/**
 * Ioffe and Szegedy 2015 (arXiv:1502.03167). In inference it is an affine map per channel: folded into one scale, so that the
 * input's gradient is one product.
 */
export const batchNormalization = defineGradient("BatchNormalization", (context) => {
  const { g, xs, op, attrs, wants } = context;
  const [x, scale, , mean, variance] = xs as [Value, Value, Value, Value, Value];
  const rank = op.rank(x);
  const deviation = op.reciprocal(op.sqrt(op.add(variance, attrs.float("epsilon", 1e-5))));
  const slope = op.mul(scale, deviation);
  const total = op.channelSum(g);
  const own = wants(3) && typeof scale.dims?.[0] === "number" ? batchStatistics(op, x) : undefined;
  if (own?.mean.name === mean.name && own.variance.name === variance.name)
    return throughStatistics(op, { g, centred: own.centred, deviation, slope, total });
  const centred = op.sub(x, overChannels(op, mean, rank));
  const moment = wants(1) || wants(4) ? op.channelSum(op.mul(g, centred)) : undefined;
  return [
    op.mul(g, overChannels(op, slope, rank)),
    moment && op.mul(moment, deviation),
    total,
    op.neg(op.mul(total, slope)),
    moment && op.mul(op.mul(moment, op.mul(slope, op.mul(deviation, deviation))), -0.5),
  ];
});

/** Mean and variance of each channel, as batch norm takes them, with the values that they are taken of. Asked twice, it writes them once. */
function batchStatistics(op: Ops, x: Value) {
  const others = range(op.rank(x)).filter((axis) => axis !== 1);
  const mean = op.mean(x, others);
  const centred = op.sub(x, mean);
  const variance = op.mean(op.mul(centred, centred), others);
  return { mean: op.squeeze(mean, others), centred, variance: op.squeeze(variance, others) };
}

interface Normalised {
  readonly g: Value;
  readonly centred: Value;
  readonly deviation: Value;
  readonly slope: Value;
  readonly total: Value;
}

/**
 * The gradient where mean and variance are the batch's own, in one piece: with c = x − μ, a = scale/σ and n numbers in a channel,
 * dx = a g − a/σ² · Σ(g c)/n · c − a · Σg/n (Ioffe and Szegedy, section 3). Nothing is left for the statistics' own nodes. Three passes over the
 * tensor in place of nine: what is made of c alone is an affine map per channel, which BatchNormalization itself computes in one.
 */
function throughStatistics(op: Ops, { g, centred, deviation, slope, total }: Normalised): readonly (Value | undefined)[] {
  const rank = op.rank(centred);
  const count = op.countOf(
    centred,
    range(rank).filter((axis) => axis !== 1),
  );
  const moment = op.channelSum(op.mul(g, centred));
  const share = op.neg(op.div(slope, count));
  const pull = op.channelAffine(centred, op.mul(op.mul(moment, op.mul(deviation, deviation)), share), op.mul(total, share));
  return [op.add(op.mul(g, overChannels(op, slope, rank)), pull), op.mul(moment, deviation), total];
}

/** With `training_mode` the batch's own mean and variance are part of what is differentiated. */
export const batchNormalizationTraining = defineLowering("BatchNormalization", (context) => {
  const { xs, op, attrs } = context;
  if (attrs.int("training_mode", 0) === 0) return undefined;
  const [x, scale, bias, runningMean, runningVariance] = xs as [Value, Value, Value, Value, Value];
  const { mean, variance } = batchStatistics(op, x);
  const momentum = attrs.float("momentum", 0.9);
  const moved = (running: Value, now: Value): Value => op.add(op.mul(running, momentum), op.mul(now, 1 - momentum));
  const attributes = { epsilon: attrs.float("epsilon", 1e-5) };
  const [y] = op.emit({ op: "BatchNormalization", inputs: [x, scale, bias, mean, variance], outputs: [x], attributes });
  return [y, moved(runningMean, mean), moved(runningVariance, variance)];
});

const inverseDeviation = (op: Ops, variance: Value, epsilon: number): Value => op.reciprocal(op.sqrt(op.add(variance, epsilon)));

/**
 * Ba, Kiros and Hinton 2016 (arXiv:1607.06450). With n = (x − μ)/σ and h = g·scale: dx = (h − mean(h) − n mean(h n)) / σ.
 * The node's own mean and 1/σ are outputs too, and may have gradients of their own.
 */
export const layerNormalization = defineGradient("LayerNormalization", (context) => {
  const { g, gs, xs, op, attrs, output, ys } = context;
  const [x, scale, bias] = xs as [Value, Value, Value | undefined];
  const rank = op.rank(x);
  const axes = range(rank, axisOf(attrs.int("axis", -1), rank));
  const stat = {
    type: x.type === "float64" ? ("float64" as const) : ("float32" as const),
    dims: x.dims!.map((dim, i) => (axes.includes(i) ? 1 : dim)),
  };
  const mean = op.cast(ys[1] ?? output(1, stat), x.type);
  const inverse = op.cast(ys[2] ?? output(2, stat), x.type);
  const normal = op.mul(op.sub(x, mean), inverse);
  const inner = op.mul(g, scale);
  const pull = op.sub(inner, op.add(op.mean(inner, axes), op.mul(normal, op.mean(op.mul(inner, normal), axes))));
  let dx = op.mul(pull, inverse);
  if (gs[1] !== undefined) dx = op.add(dx, op.div(op.cast(gs[1], x.type), op.countOf(x, axes)));
  // d(1/σ)/dx = −(x − μ)/(n σ³)
  if (gs[2] !== undefined) {
    const share = op.mul(op.cast(gs[2], x.type), op.mul(inverse, inverse));
    dx = op.sub(dx, op.mul(op.div(share, op.countOf(x, axes)), normal));
  }
  return [dx, op.sumTo(op.mul(g, normal), scale), bias && op.sumTo(g, bias)];
});

/** Zhang and Sennrich 2019 (arXiv:1910.07467). */
export const rmsNormalization = defineLowering("RMSNormalization", ({ xs, op, attrs }) => {
  const [x, scale] = xs as [Value, Value];
  const rank = op.rank(x);
  const axes = range(rank, axisOf(attrs.int("axis", -1), rank));
  const square = op.mean(op.mul(x, x), axes);
  return [op.mul(op.mul(x, inverseDeviation(op, square, attrs.float("epsilon", 1e-5))), scale)];
});

/** Ulyanov et al. 2016 (arXiv:1607.08022): each channel of each example by its own mean and variance. */
export const instanceNormalization = defineLowering("InstanceNormalization", ({ xs, op, attrs }) => {
  const [x, scale, bias] = xs as [Value, Value, Value];
  const rank = op.rank(x);
  const normal = standardised(op, x, range(rank, 2), attrs.float("epsilon", 1e-5));
  return [op.add(op.mul(normal, overChannels(op, scale, rank)), overChannels(op, bias, rank))];
});

/** (x − mean)/√(variance + ε) over axes. */
function standardised(op: Ops, x: Value, axes: readonly number[], epsilon: number): Value {
  const centred = op.sub(x, op.mean(x, axes));
  return op.mul(centred, inverseDeviation(op, op.mean(op.mul(centred, centred), axes), epsilon));
}

/** Wu and He 2018 (arXiv:1803.08494). Until opset 20 scale and bias are per group, from 21 per channel. */
export const groupNormalization = defineLowering("GroupNormalization", (context) => {
  const { xs, op, attrs } = context;
  const [x, scale, bias] = xs as [Value, Value, Value];
  const groups = attrs.int("num_groups", 1);
  const [batch, channels, ...spatial] = op.sizes(x);
  const perGroup: Size = typeof channels === "number" ? channels / groups : { value: op.div(channels!.value, groups), dim: null };
  const rest = op.product(perGroup, ...spatial);
  const grouped = op.reshape(x, [batch!, groups, rest]);
  const normal = op.reshape(standardised(op, grouped, [2], attrs.float("epsilon", 1e-5)), [batch!, groups, perGroup, ...spatial]);
  const shaped = (v: Value): Value => {
    const perChannel = context.scope.opset >= 21;
    const split = op.reshape(v, perChannel ? [groups, perGroup] : [groups, 1]);
    return op.unsqueeze(
      split,
      range(spatial.length).map((i) => i + 2),
    );
  };
  return [op.reshapeLike(op.add(op.mul(normal, shaped(scale)), shaped(bias)), x)];
});

export const meanVarianceNormalization = defineLowering("MeanVarianceNormalization", ({ x, op, attrs }) => {
  const axes = attrs.ints("axes") ?? [0, 2, 3];
  const mean = op.mean(x, axes);
  const spread = op.sqrt(op.sub(op.mean(op.mul(x, x), axes), op.mul(mean, mean)));
  return [op.div(op.sub(x, mean), op.add(spread, 1e-9))];
});

/** x/‖x‖ₚ along an axis, 0 where the norm is 0. */
export const lpNormalization = defineLowering("LpNormalization", ({ x, op, attrs }) => {
  const axes = [axisOf(attrs.int("axis", -1), op.rank(x))];
  // The root must not see a zero: its derivative there is infinite, whatever is chosen afterwards.
  const total = attrs.int("p", 2) === 1 ? op.sum(op.abs(x), axes) : op.sum(op.mul(x, x), axes);
  const safe = op.where(op.equal(total, 0), 1, total);
  return [op.div(x, attrs.int("p", 2) === 1 ? safe : op.sqrt(safe))];
});

/** Krizhevsky et al. 2012, section 3.3: x / (k + α/n Σ x²)^β, the sum over n neighbouring channels. */
export const lrn = defineLowering("LRN", ({ x, op, attrs }) => {
  const size = attrs.int("size", 1);
  const [batch, channels, ...spatial] = op.sizes(x);
  const squares = op.reshape(op.mul(x, x), [batch!, 1, channels!, op.product(...spatial)]);
  const before = Math.floor((size - 1) / 2);
  const window = { kernel: [size, 1], strides: [1, 1], dilations: [1, 1], pads: [before, 0, size - 1 - before, 0] };
  const sums = op.conv(squares, op.full([1, 1, size, 1], 1, x), window);
  const base = op.add(op.mul(op.reshapeLike(sums, x), attrs.float("alpha", 1e-4) / size), attrs.float("bias", 1));
  return [op.div(x, op.pow(base, attrs.float("beta", 0.75)))];
});
