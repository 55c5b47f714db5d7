/**
 * Convolutions: products with what each tap of the kernel saw (Rochette et al. 2019, arXiv:1912.06015). The weight gradient of a batch is the
 * sum of what its examples add, so these are at hand when they are multiplied out, and the clipped sum is one more pass over them.
 */
import { patches, tapInputs } from "../../patterns/convolve.ts";
import { transposedReading } from "../../rules/convolution.ts";
import { kernelOf, tapsOf, windowOf } from "../../patterns/window.ts";
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
  const gs = op.reshape(g, [rows!, group, outputs / group, length]);
  const taps = tapsOf(window.kernel).length;
  const whole = multiplies({ groups: group, places: length, p: outputs / group, q: perGroup * taps });
  if (whole && window.strides.every((stride) => stride === 1)) return { as: byTaps(context, { x, g, w, window }) };
  const seen = op.reshape(patches(op, x, window), [rows!, group, perGroup * taps, length]);
  // The longer side is the product's rows: ONNX Runtime packs the other one.
  if (whole && perGroup * taps > outputs / group)
    return { as: { form: "whole", value: op.matMul(seen, op.matrixTranspose(gs)), perm: [0, 2, 1] } };
  if (whole) return { as: { form: "whole", value: op.matMul(gs, op.matrixTranspose(seen)) } };
  return { as: { form: "outer", left: op.matrixTranspose(gs), right: op.matrixTranspose(seen) } };
}

/** One product for each tap, [examples, G, taps, I, O], which saves the copy that joins all taps; with few channels the copy is cheaper. */
function byTaps({ op, attrs }: UseContext, { x, g, w, window }: Seen): Whole {
  const group = attrs.int("group", 1);
  const [outputs, perGroup] = w.dims as readonly number[];
  const [rows, , ...places] = op.sizes(g);
  const length = op.product(...places);
  const columns = op.matrixTranspose(op.reshape(g, [rows!, group, outputs! / group, length]));
  const taps = tapInputs(op, x, window, places).map((tap) => op.reshape(tap, [rows!, group, perGroup!, length]));
  const products =
    perGroup! >= 8
      ? op.concat(
          taps.map((tap) => op.matMul(tap, columns)),
          2,
        )
      : op.matMul(op.concat(taps, 2), columns);
  const value = op.reshape(products, [rows!, group, taps.length, perGroup!, outputs! / group]);
  return { form: "whole", value, perm: [0, 3, 2, 1] };
}
