import { addScaled, defineOptimizer } from "./define.ts";
import { momentScalars, momentSlots, moveByMoments } from "./moments.ts";

/** Kingma and Ba 2015 (arXiv:1412.6980), algorithm 1. Weight decay is added to the gradient, as in PyTorch. */
export const adam = defineOptimizer({
  id: "adam",
  title: "Adam",
  lr: 1e-3,
  weightDecay: 0,
  slots: () => momentSlots,
  scalars: ({ step, lr, settings }) => momentScalars(step, lr, settings),
  update: (site) => moveByMoments(site, site.weight, addScaled(site.b, site.gradient, site.settings.weightDecay, site.weight)),
});
