/** Integer kernels that stand for float ones. Rounding is passed straight through, as everywhere (see conversion.ts). */
import { defineGradient, defineLowering } from "../define.ts";
import type { GradientContext, NodeContext } from "../define.ts";
import { inputGradient } from "../patterns/convolve.ts";
import { weightGradient } from "../patterns/weight-gradient.ts";
import { kernelOf, windowOf } from "../patterns/window.ts";
import type { Value } from "../value.ts";

const approximates = "rounding is passed straight through inside the representable range (Bengio et al. 2013, arXiv:1308.3432)";

/** (x − z) s; per channel along `axis` where there are several scales. */
function dequantized(
  { op }: NodeContext,
  x: Value,
  { scale, zero, axis = 0 }: { readonly scale: Value; readonly zero?: Value | undefined; readonly axis?: number },
): Value {
  const outputs = [{ type: scale.type, dims: x.dims }];
  return op.emit({
    op: "DequantizeLinear",
    inputs: [x, scale, zero],
    outputs,
    attributes: scale.dims?.length === 0 ? {} : { axis },
  })[0]!;
}

const quantized = ({ op, y }: NodeContext, value: Value, scale: Value, zero: Value): Value =>
  op.emit({ op: "QuantizeLinear", inputs: [value, scale, zero], outputs: [y] })[0]!;

/** Two quantised operands with scale and zero point each, those of the result, and for a convolution perhaps a bias: all but it are required. */
type Operands = readonly [Value, Value, Value, Value, Value, Value, Value, Value, Value?];

const operandsOf = (xs: NodeContext["xs"]): Operands => xs as readonly Value[] as Operands;

export const qLinearMatMul = defineLowering(
  "QLinearMatMul",
  (context) => {
    const { xs, op, refuse } = context;
    const [a, scaleA, zeroA, b, scaleB, zeroB, scaleY, zeroY] = operandsOf(xs);
    if ([scaleA, scaleB, scaleY].some(({ dims }) => dims?.length !== 0 && dims?.[0] !== 1))
      throw refuse("scales per row or column are not supported", "export the model in QDQ form");
    const product = op.matMul(
      dequantized(context, a, { scale: scaleA, zero: zeroA }),
      dequantized(context, b, { scale: scaleB, zero: zeroB }),
    );
    return [quantized(context, product, scaleY, zeroY)];
  },
  { approximates },
);

export const qLinearConv = defineLowering(
  "QLinearConv",
  (context) => {
    const { node, xs, y, op } = context;
    const [x, scaleX, zeroX, w, scaleW, zeroW, scaleY, zeroY, bias] = operandsOf(xs);
    const inputs = [
      dequantized(context, x, { scale: scaleX, zero: zeroX }),
      dequantized(context, w, { scale: scaleW, zero: zeroW }),
      bias && dequantized(context, bias, { scale: op.mul(scaleW, op.reshape(scaleX, [])) }),
    ];
    const attributes = Object.fromEntries(node.attributes);
    const sum = op.emit({ op: "Conv", inputs, outputs: [{ type: scaleX.type, dims: y.dims }], attributes })[0]!;
    return [quantized(context, sum, scaleY, zeroY)];
  },
  { approximates },
);

/** (x − x₀) ∗ (w − w₀) */
export const convInteger = defineGradient(
  "ConvInteger",
  (context) => {
    const { g, xs, y, op, attrs, wants } = context;
    const [x, w, zeroX, zeroW] = xs as [Value, Value, Value | undefined, Value | undefined];
    const centred = centredBy(context, g);
    const weights = centred(w, zeroW);
    const convolution = { w: weights, window: windowOf(context, kernelOf(context, w), { x, y }), group: attrs.int("group", 1) };
    return [
      wants(0) ? inputGradient(op, g, convolution, op.sizes(x).slice(2)) : undefined,
      wants(1) ? weightGradient(op, { x: centred(x, zeroX), g }, convolution) : undefined,
    ];
  },
  { approximates },
);

/** Integers as floats, counted from their zero point. */
const centredBy =
  ({ op, refuse }: GradientContext, like: Value) =>
  (value: Value, zero: Value | undefined): Value => {
    if (zero === undefined) return op.cast(value, like.type);
    if (zero.dims?.length !== 0 && zero.dims?.[0] !== 1) throw refuse("zero points per channel are not supported");
    return op.sub(op.cast(value, like.type), op.cast(zero, like.type));
  };
