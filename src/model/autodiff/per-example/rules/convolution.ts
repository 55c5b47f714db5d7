/**
 * Convolutions: products with what each tap of the kernel saw (Rochette et al. 2019, arXiv:1912.06015). The weight gradient of a batch is the
 * sum of what its examples add, so these are at hand when they are multiplied out, and the clipped sum is one more pass over them.
 */
import { tapInputs } from "../../patterns/convolve.ts";
import { transposedReading } from "../../rules/convolution.ts";
import { kernelOf, windowOf } from "../../patterns/window.ts";
import { range } from "../../value.ts";
import type { Value } from "../../value.ts";
import type { Outer, Whole } from "../contribution.ts";
import { defineUse } from "../define.ts";
import type { UseContext } from "../define.ts";

export const conv = defineUse("Conv", (context) => {
  const { xs, y, g, input } = context;
  if (input === 2) return { as: biasGradient(context) };
  if (input !== 1) return undefined;
  const [x, w] = xs as [Value, Value];
  return weights(context, { x, g, w, window: windowOf(context, kernelOf(context, w), { x, y }) });
});

/** Input and gradient change places. */
export const convTranspose = defineUse("ConvTranspose", (context) => {
  const { xs, input } = context;
  if (input === 2) return { as: biasGradient(context) };
  if (input !== 1) return undefined;
  const [x, w] = xs as [Value, Value];
  const { read, window } = transposedReading(context, w);
  return weights(context, { x: read, g: x, w, window });
});

const biasGradient = ({ op, g }: UseContext): Whole => ({ form: "whole", value: op.sum(g, range(op.rank(g), 2), false) });

interface Seen {
  readonly x: Value;
  readonly g: Value;
  readonly w: Value;
  readonly window: ReturnType<typeof windowOf>;
}

function weights(context: UseContext, { x, g, w, window }: Seen): { readonly as: Outer | Whole } | undefined {
  const { op, attrs, multiplies } = context;
  const group = attrs.int("group", 1);
  const [outputs, perGroup] = w.dims ?? [];
  if (typeof outputs !== "number" || typeof perGroup !== "number") return undefined;
  const [rows] = op.sizes(x);
  const places = op.sizes(g).slice(2);
  const length = op.product(...places);
  const taps = tapInputs(op, x, window, places).map((tap) => op.reshape(tap, [rows!, group, perGroup, length]));
  const gs = op.reshape(g, [rows!, group, outputs / group, length]);
  const size = { groups: group, places: length, p: outputs / group, q: perGroup * taps.length };
  if (multiplies(size)) {
    const columns = op.matrixTranspose(gs);
    const products = op.matMul(op.concat(taps, 2), columns); // [examples, G, taps · I, O]
    const value = op.reshape(products, [rows!, group, taps.length, perGroup, outputs / group]);
    return { as: { form: "whole", value, perm: [0, 3, 2, 1] } };
  }
  const seen = taps.map((tap) => op.unsqueeze(tap, [3])); // [examples, G, I, 1, L]
  const patches = op.reshape(op.concat(seen, 3), [rows!, group, perGroup * taps.length, length]);
  return { as: { form: "outer", left: op.matrixTranspose(gs), right: op.matrixTranspose(patches) } };
}
