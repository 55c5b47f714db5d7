/**
 * Defences that are none, planted into the digit model as ONNX: each makes some attack fail and leaves the model as fragile as it was. Models
 * that hide nothing, for the other half of the promise, are in `planted/honest.ts`.
 */
import type { Model } from "../../src/model/onnx/index.ts";
import { afterRelus, before, behind, digitNet, quantise, times } from "./planted/graft.ts";
import {
  clippedProbabilities,
  detector,
  dither,
  gridOnly,
  hashed,
  meanOver,
  oneHot,
  ripple,
  smoothedOver,
  table,
  thresholds,
  wavelet,
  winners,
} from "./planted/parts.ts";

export interface Planted {
  readonly name: string;
  readonly model: () => Model;
  /** Checks of the audit, one of which must have something to say. */
  readonly flaggedBy: readonly string[];
  /** The data as the model takes it, of 0 … 1. */
  readonly scale?: number;
  /** The radius under which it is attacked, in units of 0 … 1; a tenth unless said otherwise. */
  readonly epsilon?: number;
  /** An honest net that bears as much, where a part of the defence is none of a fake: what it is compared with in place of the net alone. */
  readonly beside?: () => Model;
  /** It answers nothing where it is attacked: there is no wrong answer to count. */
  readonly mute?: boolean;
}

const input = digitNet().graph.inputs[0]!.name;

/** Each looks more robust than it is. */
export const fakeDefences: readonly Planted[] = [
  {
    name: "temperature: logits so large that the cross-entropy is flat",
    model: () => behind((b, z) => times(b, z, 1e4)),
    flaggedBy: ["vanishing-gradients"],
  },
  {
    name: "probabilities at the end, saturated",
    model: () => behind((b, z) => b.op("Softmax", [times(b, z, 1e3)], { axis: 1 })),
    flaggedBy: ["probabilities", "vanishing-gradients"],
  },
  {
    name: "probabilities cut off where they are sure",
    model: () => behind(clippedProbabilities),
    flaggedBy: ["probabilities", "vanishing-gradients"],
  },
  { name: "rounded input", model: () => before(quantise(16)), flaggedBy: ["broken-gradients"] },
  {
    name: "activations rounded to a sixty-fourth",
    model: () => afterRelus(quantise(64, "Floor")),
    flaggedBy: ["broken-gradients"],
  },
  {
    // Steps as coarse as these carry small changes off, and truly: at twice the radius nothing is left of it.
    name: "activations rounded to an eighth",
    model: () => afterRelus(quantise(8, "Floor")),
    flaggedBy: ["broken-gradients"],
    epsilon: 0.2,
  },
  {
    name: "input cast to eight bits and back",
    model: () => before((b, x) => times(b, b.op("Cast", [b.op("Cast", [times(b, x, 255)], { to: 2 })], { to: 1 }), 1 / 255)),
    flaggedBy: ["broken-gradients"],
  },
  { name: "input looked up in a table", model: () => before(table), flaggedBy: ["broken-gradients"] },
  { name: "input through a chain of thresholds", model: () => before(thresholds), flaggedBy: ["broken-gradients"] },
  {
    // Small changes lie in small details: without the jump they are carried off as well.
    name: "small wavelets cut to zero",
    model: () => before(wavelet(0.05)),
    flaggedBy: ["broken-gradients"],
    beside: () => before(wavelet(0.05, "shrunk")),
  },
  {
    // Noise of this size is a defence, if a weak one: the average over it bears more than the net alone (Cohen et al. 2019).
    name: "noise on the input, as large as the radius",
    model: () => before((b, x) => b.op("Add", [x, b.op("RandomNormalLike", [x], { scale: 0.1 })])),
    flaggedBy: ["random-answers"],
    beside: () => behind(meanOver(32), before(smoothedOver(0.1, 32))),
  },
  {
    name: "noise on the input, once for all rows",
    model: () => before((b, x) => b.op("Add", [x, b.op("RandomNormal", [], { shape: [1, 1, 28, 28], scale: 0.03 })])),
    flaggedBy: ["random-answers"],
  },
  {
    name: "noise on the logits",
    model: () => behind((b, z) => b.op("Add", [z, b.op("RandomNormalLike", [z], { scale: 1.5 })])),
    flaggedBy: ["random-answers"],
  },
  { name: "a hash of the input on the logits", model: () => behind(hashed(1.5, input)), flaggedBy: ["untrue-gradients"] },
  { name: "winners only", model: () => afterRelus(winners(0.3)), flaggedBy: ["untrue-gradients", "broken-gradients"] },
  { name: "a detector in front that cleans", model: () => before(detector), flaggedBy: ["broken-gradients"] },
  {
    name: "a gradient of NaN",
    model: () => before((b, x) => b.op("Sqrt", [b.op("Mul", [x, x])])),
    flaggedBy: ["non-finite"],
  },
  { name: "no numbers for what was changed", model: () => behind(gridOnly(input)), flaggedBy: ["non-finite"], mute: true },
  { name: "a choice, one-hot, in place of scores", model: () => behind(oneHot), flaggedBy: ["broken-gradients"] },
  {
    name: "a steep tanh in front",
    model: () => before(dither),
    flaggedBy: ["untrue-gradients", "vanishing-gradients"],
  },
  { name: "waves on each activation", model: () => afterRelus(ripple), flaggedBy: ["untrue-gradients"] },
  {
    name: "a radius of 0.1 on data of 0 … 255",
    model: () => before((b, x) => times(b, x, 1 / 255)),
    flaggedBy: ["epsilon-scale"],
    scale: 255,
  },
];
