import { addScaled, defineOptimizer } from "./define.ts";

/**
 * v ← μ v + g; w ← w − lr·v, or with Nesterov w ← w − lr·(g + μ v): Sutskever et al. 2013, as PyTorch writes it. PyTorch's first velocity is the
 * gradient itself, which is what a velocity of 0 gives.
 */
export const sgd = defineOptimizer({
  id: "sgd",
  title: "stochastic gradient descent with momentum",
  lr: 0.05,
  weightDecay: 0,
  slots: ({ momentum }) => (momentum === 0 ? [] : ["velocity"]),
  scalars: ({ lr }) => ({ lr }),
  update({ b, weight, gradient, slots, scalars, settings }) {
    const { momentum, nesterov, weightDecay } = settings;
    const g = addScaled(b, gradient, weightDecay, weight);
    if (slots["velocity"] === undefined) return { weight: b.op("Sub", [weight, b.op("Mul", [g, scalars["lr"]!])]), slots: {} };
    const velocity = addScaled(b, g, momentum, slots["velocity"]);
    const direction = nesterov ? addScaled(b, g, momentum, velocity) : velocity;
    return { weight: b.op("Sub", [weight, b.op("Mul", [direction, scalars["lr"]!])]), slots: { velocity } };
  },
});
