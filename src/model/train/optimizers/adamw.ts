import { defineOptimizer } from "./define.ts";
import { momentScalars, momentSlots, moveByMoments } from "./moments.ts";

/** Loshchilov and Hutter 2019 (arXiv:1711.05101), algorithm 2, with the learning rate in the decay, as in PyTorch: w ← (1 − lr·λ) w first. */
export const adamw = defineOptimizer({
  id: "adamw",
  title: "Adam with decoupled weight decay",
  lr: 1e-3,
  weightDecay: 0.01,
  slots: () => momentSlots,
  scalars: ({ step, lr, settings }) => ({ ...momentScalars(step, lr, settings), keep: 1 - lr * settings.weightDecay }),
  update(site) {
    const { b, weight, gradient, scalars, settings } = site;
    const decayed = settings.weightDecay === 0 ? weight : b.op("Mul", [weight, scalars["keep"]!]);
    return moveByMoments(site, decayed, gradient);
  },
});
