/** Activations. Where one has a corner, the derivative there is PyTorch's. */
import { defineGradient } from "../define.ts";
import { steepest } from "../ops/elementwise.ts";
import type { Ops } from "../ops/index.ts";
import type { Value } from "../value.ts";

/** d tanh(x)/dx = 1 − tanh²(x); written with the output, so the forward value is not computed twice. */
export const tanh = defineGradient("Tanh", ({ g, y, op }) => [op.mul(g, op.sub(1, op.mul(y, y)))]);

export const sigmoid = defineGradient("Sigmoid", ({ g, y, op }) => [op.mul(g, op.mul(y, op.sub(1, y)))]);

/** The derivative at 0 is 0, as in PyTorch. The mask reads y, which ONNX Runtime has already fused with the layer before. */
export const relu = defineGradient("Relu", ({ g, y, op }) => [op.mul(g, op.step(y))]);

export const leakyRelu = defineGradient("LeakyRelu", ({ g, x, op, attrs }) => [
  op.where(op.greater(x, 0), g, op.mul(g, attrs.float("alpha", 0.01))),
]);

export const pRelu = defineGradient("PRelu", ({ g, xs, op }) => {
  const [x, slope] = xs as [Value, Value];
  const positive = op.greater(x, 0);
  return [op.where(positive, g, op.mul(g, slope)), op.sumTo(op.where(positive, 0, op.mul(g, x)), slope)];
});

export const thresholdedRelu = defineGradient("ThresholdedRelu", ({ g, x, op, attrs }) => [
  op.where(op.greater(x, attrs.float("alpha", 1)), g, 0),
]);

/** α(eˣ − 1) below 0, where its derivative is y + α. */
export const elu = defineGradient("Elu", ({ g, x, y, op, attrs }) => [
  op.where(op.greater(x, 0), g, op.mul(g, op.add(y, attrs.float("alpha", 1)))),
]);

/** max(0, x) + min(0, α(e^{x/α} − 1)). Barron 2017 (arXiv:1704.07483). */
export const celu = defineGradient("Celu", ({ g, x, op, attrs }) => [
  op.where(op.greater(x, 0), g, op.mul(g, op.exp(op.min(op.div(x, attrs.float("alpha", 1)), 0)))),
]);

/** Klambauer et al. 2017 (arXiv:1706.02515). */
export const selu = defineGradient("Selu", ({ g, x, y, op, attrs }) => {
  const [alpha, gamma] = [attrs.float("alpha", 1.67326319217681884765625), attrs.float("gamma", 1.05070102214813232421875)];
  return [op.mul(g, op.where(op.greater(x, 0), gamma, op.add(y, alpha * gamma)))];
});

/** The derivative of ln(1 + eˣ) is the logistic function. */
export const softplus = defineGradient("Softplus", ({ g, x, op }) => [op.mul(g, op.sigmoid(x))]);

export const softsign = defineGradient("Softsign", ({ g, x, op }) => {
  const below = op.add(op.abs(x), 1);
  return [op.div(g, op.mul(below, below))];
});

/** Flat outside of 0 < αx + β < 1. Our own steps are flat everywhere. */
export const hardSigmoid = defineGradient("HardSigmoid", ({ g, y, op, attrs }) => {
  const slope = attrs.float("alpha", 0.2);
  return slope === steepest ? [] : [op.where(op.and(op.greater(y, 0), op.less(y, 1)), op.mul(g, slope), 0)];
});

/** x · max(0, min(1, x/6 + ½)) */
export const hardSwish = defineGradient("HardSwish", ({ g, x, op }) => {
  const inside = op.mul(g, op.add(op.div(x, 3), 0.5));
  return [op.where(op.greater(x, -3), op.where(op.less(x, 3), inside, g), 0)];
});

/** d erf(x)/dx = 2/√π · e^{−x²} */
export const erf = defineGradient("Erf", ({ g, x, op }) => [
  op.mul(op.mul(g, 2 / Math.sqrt(Math.PI)), op.exp(op.neg(op.mul(x, x)))),
]);

/** Hendrycks and Gimpel 2016 (arXiv:1606.08415): x Φ(x), or its tanh approximation. */
export const gelu = defineGradient("Gelu", ({ g, x, op, attrs }) => [
  op.mul(g, attrs.string("approximate", "none") === "tanh" ? geluTanhSlope(op, x) : geluSlope(op, x)),
]);

/** Φ(x) + x φ(x) */
function geluSlope(op: Ops, x: Value): Value {
  const cdf = op.mul(op.add(op.erf(op.mul(x, Math.SQRT1_2)), 1), 0.5);
  const density = op.mul(op.exp(op.mul(op.mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return op.add(cdf, op.mul(x, density));
}

/** With u = √(2/π)(x + 0.044715 x³): ½(1 + tanh u) + ½ x (1 − tanh² u) u′ */
function geluTanhSlope(op: Ops, x: Value): Value {
  const [scale, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
  const square = op.mul(x, x);
  const t = op.tanh(op.mul(op.mul(x, op.add(op.mul(square, cubic), 1)), scale));
  const inner = op.mul(op.add(op.mul(square, 3 * cubic), 1), scale);
  return op.mul(op.add(op.add(t, 1), op.mul(op.mul(x, op.sub(1, op.mul(t, t))), inner)), 0.5);
}

/** x · tanh(softplus(x)). Misra 2019 (arXiv:1908.08681). */
export const mish = defineGradient("Mish", ({ g, x, op }) => {
  const t = op.tanh(op.softplus(x));
  return [op.mul(g, op.add(t, op.mul(op.mul(x, op.sigmoid(x)), op.sub(1, op.mul(t, t)))))];
});

/** x σ(αx): σ + αx σ(1 − σ) */
export const swish = defineGradient("Swish", ({ g, x, op, attrs }) => {
  const scaled = op.mul(x, attrs.float("alpha", 1));
  const s = op.sigmoid(scaled);
  return [op.mul(g, op.add(s, op.mul(scaled, op.mul(s, op.sub(1, s)))))];
});

export const shrink = defineGradient("Shrink", ({ g, x, op, attrs }) => [
  op.where(op.greater(op.abs(x), attrs.float("lambd", 0.5)), g, 0),
]);

/**
 * Bounds take the gradient of what they cut off; inside and on the bounds it goes to x, as in torch.clamp. Where the bounds are the wrong
 * way round everything is the upper one.
 */
export const clip = defineGradient("Clip", ({ g, xs: [x, low, high], op }) => {
  const above = high && op.greater(low === undefined ? x! : op.max(x!, low), high);
  const under = low && op.less(x!, low);
  const below = under && above ? op.and(under, op.not(above)) : under;
  const outside = below && above ? op.or(below, above) : (below ?? above);
  return [
    outside === undefined ? g : op.where(outside, 0, g),
    below && low && op.sumTo(op.where(below, g, 0), low),
    above && high && op.sumTo(op.where(above, g, 0), high),
  ];
});
