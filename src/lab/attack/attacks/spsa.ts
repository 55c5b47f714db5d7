import { defineAttack } from "../define.ts";
import { descendByEstimates, estimateParams } from "../estimate.ts";

/** Simultaneous perturbation stochastic approximation: all numbers move by ±σ at once. Uesato et al. 2018 (arXiv:1802.05666), section 4.2, after Spall 1992. */
export const spsa = defineAttack({
  id: "spsa",
  title: "Simultaneous perturbation",
  needs: "scores",
  aim: "radius",
  norms: ["linf", "l2"],
  params: estimateParams,
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1802.05666"],
  run: (context) => descendByEstimates(context, "signs"),
});
