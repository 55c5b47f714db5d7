/** Between element types, and numbers that were rounded on the way. */
import { elementFamily } from "../../onnx/index.ts";
import { defineGradient } from "../define.ts";
import type { NodeContext } from "../define.ts";
import { axisOf, range } from "../value.ts";
import type { Value } from "../value.ts";

const straightThrough =
  "rounding is passed straight through inside the representable range (Bengio et al. 2013, arXiv:1308.3432)";

/**
 * Between float types the gradient changes its type back. To integers the value is cut off, and nothing passes; from integers something
 * passes only where they came from a quantisation, whose gradient is approximated.
 */
export const cast = defineGradient(["Cast", "CastLike"], ({ g, x, y, op }) => {
  if (elementFamily(y.type) !== "float") return [];
  return [elementFamily(x.type) === "float" ? op.cast(g, x.type) : g];
});

/** Nothing is dropped in inference; in training the kept elements are scaled, which the mask tells. */
export const dropout = defineGradient("Dropout", ({ g, xs, ys, y, op, output, numbers }) => {
  const [x, ratio, training] = xs as [Value, Value | undefined, Value | undefined];
  const mode = training === undefined ? [0] : numbers(training);
  if (mode?.[0] === 0) return [g];
  const mask = op.cast(ys[1] ?? output(1, { type: "bool", dims: y.dims }), x.type);
  const kept = ratio === undefined ? 0.5 : op.sub(1, op.cast(ratio, x.type));
  const scaled = op.div(op.mul(g, mask), kept);
  return [mode === undefined ? op.where(training!, scaled, g) : scaled];
});

/**
 * y = saturate(round(x/s) + z): straight through where nothing was saturated. The lowest and the highest level are values like others: a pixel
 * that is 0 has a slope. The result is of integers, its gradient of floats.
 */
export const quantizeLinear = defineGradient(
  "QuantizeLinear",
  (context) => {
    const { g, xs, y, op } = context;
    const [x, scale, zero] = xs as [Value, Value, Value | undefined];
    const steps = op.cast(alongAxis(context, scale), x.type);
    const [low, high] = limits(y);
    const spread = op.div(x, steps);
    const level = zero === undefined ? spread : op.add(spread, op.cast(alongAxis(context, zero), x.type));
    const inside = op.and(op.greater(level, low - 0.5), op.less(level, high + 0.5));
    return [op.where(inside, op.div(op.cast(g, x.type), steps), 0)];
  },
  { approximates: straightThrough },
);

/** y = (x − z) s */
export const dequantizeLinear = defineGradient("DequantizeLinear", (context) => {
  const { g, xs, op } = context;
  const [x, scale, zero] = xs as [Value, Value, Value | undefined];
  const steps = alongAxis(context, scale);
  const level = op.cast(x, g.type);
  const above = zero === undefined ? level : op.sub(level, op.cast(alongAxis(context, zero), g.type));
  const weighted = op.mul(g, above);
  return [op.mul(g, op.cast(steps, g.type)), context.wants(1) ? op.reshapeLike(op.sumTo(weighted, steps), scale) : undefined];
});

/** A scale per tensor, per slice of an axis, or per block along it, shaped to broadcast. */
function alongAxis({ x, op, attrs, refuse }: NodeContext, scale: Value): Value {
  if (attrs.int("block_size", 0) !== 0) throw refuse("quantisation in blocks is not supported");
  if (op.rank(scale) === 0 || scale.dims?.[0] === 1) return scale;
  const rank = op.rank(x);
  const axis = axisOf(attrs.int("axis", 1), rank);
  return op.unsqueeze(
    scale,
    range(rank).filter((i) => i !== axis),
  );
}

function limits({ type }: Value): readonly [number, number] {
  const ranges: Readonly<Record<string, readonly [number, number]>> = {
    uint8: [0, 255],
    int8: [-128, 127],
    uint16: [0, 65_535],
    int16: [-32_768, 32_767],
    uint4: [0, 15],
    int4: [-8, 7],
    int32: [-(2 ** 31), 2 ** 31 - 1],
  };
  return ranges[type] ?? [-Infinity, Infinity];
}

/** Scale and zero point follow from the data's range; they are taken as given, the levels go straight through. */
export const dynamicQuantizeLinear = defineGradient(
  "DynamicQuantizeLinear",
  ({ gs, ys, x, op, output }) => {
    const steps = ys[1] ?? output(1, { type: "float32", dims: [] });
    return [gs[0] && op.div(op.cast(gs[0], x.type), steps)];
  },
  { approximates: straightThrough },
);

/** (A − a₀)(B − b₀) of integers that stand for floats. */
export const matMulInteger = defineGradient(
  "MatMulInteger",
  ({ g, xs, op, wants, refuse }) => {
    const [a, b, zeroA, zeroB] = xs as [Value, Value, Value | undefined, Value | undefined];
    if ((zeroA?.dims?.length ?? 0) > 0 || (zeroB?.dims?.length ?? 0) > 0) throw refuse("zero points per row are not supported");
    const centred = (value: Value, zero: Value | undefined): Value =>
      zero === undefined ? op.cast(value, "float32") : op.sub(op.cast(value, "float32"), op.cast(zero, "float32"));
    return [
      wants(0) ? op.sumTo(op.matMul(g, op.matrixTranspose(centred(b, zeroB))), a) : undefined,
      wants(1) ? op.sumTo(op.matMul(op.matrixTranspose(centred(a, zeroA)), g), b) : undefined,
    ];
  },
  { approximates: straightThrough },
);
