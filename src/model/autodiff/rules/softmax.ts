/** Softmax and the losses built upon it. */
import { tensorOf } from "../../onnx/index.ts";
import { defineGradient, defineLowering } from "../define.ts";
import type { NodeContext } from "../define.ts";
import { axisOf, range } from "../value.ts";
import type { Value } from "../value.ts";

/** dx = y ∘ (g − ⟨g, y⟩) */
export const softmax = defineGradient("Softmax", ({ g, y, op, attrs }) => {
  const axis = axisOf(attrs.int("axis", -1), op.rank(y));
  const weighted = op.mul(g, y);
  return [op.sub(weighted, op.mul(y, op.sum(weighted, [axis])))];
});

/** dx = g − softmax(x) Σ g */
export const logSoftmax = defineGradient("LogSoftmax", ({ g, y, op, attrs }) => {
  const axis = axisOf(attrs.int("axis", -1), op.rank(y));
  return [op.sub(g, op.mul(op.exp(y), op.sum(g, [axis])))];
});

export const softmaxCrossEntropyLoss = defineLowering("SoftmaxCrossEntropyLoss", (context) => {
  const logits = context.op.logSoftmax(context.x, 1);
  return [negativeLogLikelihood(context, logits), context.ys[1] && logits];
});

export const negativeLogLikelihoodLoss = defineLowering("NegativeLogLikelihoodLoss", (context) => [
  negativeLogLikelihood(context, context.x),
]);

/** −Σ w[label] logp[label] over labels that are not ignored, summed, averaged by weight, or left as they are. */
function negativeLogLikelihood({ xs, op, scope, attrs }: NodeContext, logp: Value): Value {
  const [, labels, weight] = xs as [Value, Value, Value | undefined];
  const ignored = attrs.has("ignore_index") ? op.equal(labels, attrs.int("ignore_index", 0)) : undefined;
  const safe = ignored === undefined ? labels : op.where(ignored, 0, labels);
  const picked = op.squeeze(op.gatherElements(logp, op.unsqueeze(safe, [1]), 1), [1]);
  const ones = op.expandLike(op.scalar(logp.type, 1), picked);
  const perLabel = weight === undefined ? ones : op.gather(weight, safe, 0);
  const weights = ignored === undefined ? perLabel : op.where(ignored, 0, perLabel);
  const losses = op.neg(op.mul(picked, weights));
  const reduction = attrs.string("reduction", "mean");
  if (reduction === "none") return losses;
  const axes = range(op.rank(losses));
  const total = op.sum(losses, axes, false);
  if (reduction === "sum") return total;
  const count = op.sum(weights, axes, false);
  return op.div(total, weight === undefined ? op.max(count, scope.constant(tensorOf(logp.type, [], [1]))) : count);
}
