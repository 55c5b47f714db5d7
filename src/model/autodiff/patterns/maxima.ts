/** Where the maxima of pooling windows lie. */
import { tensorOf } from "../../onnx/index.ts";
import type { GradientContext } from "../define.ts";
import { range } from "../value.ts";
import type { Value } from "../value.ts";

/**
 * Positions of the maxima in the whole tensor, row by row; the first one where several are equal.
 *
 * A MaxPool that is asked for its indices leaves ONNX Runtime's blocked kernel and branches on every element. For the common windows of
 * 2 × 2 that do not overlap, the position follows from fast poolings of a part of each window: 1.1 ms in place of 3.8, with the scatter, for
 * 16 channels of 28 × 28 random numbers, batch 64, on one core.
 */
export function maximaOf(context: GradientContext): Value {
  const { node, x, y, ys, op, attrs, output } = context;
  if (ys[1] === undefined && isQuartering(context)) return quarters(context);
  const type = { type: "int64" as const, dims: y.dims };
  if (attrs.int("storage_order", 0) === 0) return ys[1] ?? output(1, type);
  const attributes = Object.fromEntries([...node.attributes].filter(([name]) => name !== "storage_order"));
  return op.emit({ op: "MaxPool", inputs: [x], outputs: [y, type], attributes })[1]!;
}

const all = (values: readonly number[] | undefined, wanted: number): boolean =>
  values?.every((value) => value === wanted) ?? true;

/** Whether 2 × 2 windows cut the image into quarters without rest. */
function isQuartering({ x, y, attrs }: GradientContext): boolean {
  const [height, width] = x.dims?.slice(2) ?? [];
  return (
    x.dims?.length === 4 &&
    x.type === "float32" &&
    typeof height === "number" &&
    typeof width === "number" &&
    y.dims?.[2] === height / 2 &&
    y.dims[3] === width / 2 &&
    all(attrs.ints("kernel_shape"), 2) &&
    attrs.has("strides") &&
    all(attrs.ints("strides"), 2) &&
    all(attrs.ints("pads"), 0) &&
    all(attrs.ints("dilations"), 1)
  );
}

/**
 * The maximum is in the first place unless a number after it is greater, and so on: with a₁ the first number of the window, a₂ the maximum of
 * its first row and a₃ of its first column, it lies [a₁ < y]·(1 + [a₂ < y]·(width − 1 + [a₃ < y])) after the window's first place.
 */
function quarters({ x, y, op, scope }: GradientContext): Value {
  const [, , height, width] = x.dims as [unknown, unknown, number, number];
  const isLess = (kernel: readonly number[]): Value => {
    const attributes = { kernel_shape: kernel, strides: [2, 2] };
    const part = op.emit({ op: "MaxPool", inputs: [x], outputs: [y], attributes })[0]!;
    return op.mask(op.less(part, y), y);
  };
  const [first, row, column] = [isLess([1, 1]), isLess([1, 2]), isLess([2, 1])];
  const within = op.mul(first, op.add(op.mul(row, op.add(column, width - 1)), 1));
  const corners = range(height / 2).flatMap((i) => range(width / 2).map((j) => 2 * i * width + 2 * j));
  const places = scope.constant(tensorOf("int64", [height / 2, width / 2], corners));
  const [batch, channels] = op.sizes(x);
  const planes = op.reshape(op.count(op.product(batch!, channels!)), [batch!, channels!, 1, 1]);
  return { ...op.add(op.cast(within, "int64"), op.add(op.mul(planes, height * width), places)), dims: y.dims };
}
