import { defineAttack } from "../define.ts";
import { descendByEstimates, estimateParams } from "../estimate.ts";

/** Natural evolution strategies: projected steps along gradients that are estimated with Gaussian directions. Ilyas et al. 2018 (arXiv:1804.08598), algorithm 1. */
export const nes = defineAttack({
  id: "nes",
  title: "Natural evolution strategies",
  needs: "scores",
  aim: "radius",
  norms: ["linf", "l2"],
  params: estimateParams,
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1804.08598"],
  run: (context) => descendByEstimates(context, "gaussian"),
});
