/** Batch normalisation by stored statistics: a scale and a shift for each channel. (By the batch's own it mixes examples, and is refused.) */
import { range } from "../../value.ts";
import type { Value } from "../../value.ts";
import { defineUse } from "../define.ts";

export const batchNormalization = defineUse("BatchNormalization", ({ g, xs, op, attrs, input }) => {
  const [x, scale, , mean, variance] = xs as [Value, Value, Value, Value, Value];
  const places = range(op.rank(x), 2);
  const perChannel = (value: Value): Value => op.sum(value, places, false);
  const deviation = op.reciprocal(op.sqrt(op.add(variance, attrs.float("epsilon", 1e-5))));
  const centred = op.sub(x, op.unsqueeze(mean, [0, ...places]));
  const moment = (): Value => perChannel(op.mul(g, centred));
  const byVariance = op.mul(op.mul(scale, -0.5), op.mul(deviation, op.mul(deviation, deviation)));
  const values = [
    undefined,
    () => op.mul(moment(), deviation),
    () => perChannel(g),
    () => op.mul(perChannel(g), op.neg(op.mul(scale, deviation))),
    () => op.mul(moment(), byVariance),
  ];
  const value = values[input]?.();
  return value && { as: { form: "whole", value } };
});
