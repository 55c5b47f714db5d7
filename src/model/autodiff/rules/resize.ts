/**
 * Resizing is linear and works axis by axis: along each axis it is one matrix. That matrix is had by resizing the identity with the same
 * settings, so that every mode, coordinate transformation and rounding is exactly the runtime's own.
 */
import { tensorOf } from "../../onnx/index.ts";
import { defineGradient } from "../define.ts";
import type { GradientContext } from "../define.ts";
import { axisOf, range } from "../value.ts";
import type { Size, Value } from "../value.ts";

export const resize = defineGradient("Resize", (context) => {
  const { g, x, xs, y, op, attrs, numbers } = context;
  if (attrs.string("keep_aspect_ratio_policy", "stretch") !== "stretch")
    throw context.refuse("it keeps the aspect ratio by a rule of its own", "resize to fixed sizes, which stretch");
  const rank = op.rank(x);
  const axes = (attrs.ints("axes") ?? range(rank)).map((axis) => axisOf(axis, rank));
  const [scales, sizes] = [numbers(xs[2]), numbers(xs[3])];
  let result = g;
  for (const [i, axis] of axes.entries()) {
    const [from, to] = [x.dims?.[axis], y.dims?.[axis]];
    const untouched = scales?.[i] === 1 || (typeof from === "number" && (from === to || from === sizes?.[i]));
    if (untouched && attrs.string("coordinate_transformation_mode", "half_pixel") !== "tf_crop_and_resize") continue;
    // The matrix is [inputs, outputs]; the gradient goes from outputs to inputs.
    result = alongAxis(context, result, { axis, matrix: axisMatrix(context, i, axes.length), size: op.size(x, axis) });
  }
  return [result];
});

/** How the `i`-th resized axis maps inputs to outputs. */
function axisMatrix(context: GradientContext, i: number, count: number): Value {
  const { node, x, y, xs, op, attrs, scope } = context;
  const axis = axisOf((attrs.ints("axes") ?? range(op.rank(x)))[i]!, op.rank(x));
  const size = op.size(x, axis);
  const identity = op.reshape(eye(context, size), [1, 1, size, size]);
  const pick = (list: Value | undefined): Value | undefined => list && op.slice(list, [{ axis: 0, start: i, end: i + 1 }]);
  const ones = scope.constant(tensorOf("float32", [3], [1, 1, 1]));
  const scaled = xs[2] !== undefined && !(xs[2].dims?.[0] === 0);
  const scales = scaled ? op.concat([ones, pick(xs[2])!], 0) : undefined;
  const target = xs[3] && op.concat([op.shapeTensor([1, 1, size]), pick(xs[3])!], 0);
  const roi =
    xs[1] && xs[1].dims?.[0] !== 0 && attrs.string("coordinate_transformation_mode", "") === "tf_crop_and_resize"
      ? axisRoi(context, xs[1], i, count)
      : undefined;
  const kept = new Set([
    "antialias",
    "coordinate_transformation_mode",
    "cubic_coeff_a",
    "exclude_outside",
    "mode",
    "nearest_mode",
  ]);
  const attributes = Object.fromEntries([...node.attributes].filter(([name]) => kept.has(name)));
  const dims = [1, 1, ...[size, y.dims?.[axis] ?? null].map((dim) => (typeof dim === "object" ? (dim?.dim ?? null) : dim))];
  const resized = op.emit({
    op: "Resize",
    inputs: [identity, roi, target === undefined ? scales : undefined, target],
    outputs: [{ type: x.type, dims }],
    attributes,
  })[0]!;
  return op.squeeze(resized, [0, 1]);
}

/** A region of interest that only crops the last of four axes. */
function axisRoi({ op, scope }: GradientContext, roi: Value, i: number, count: number): Value {
  const part = (at: number): Value => op.slice(roi, [{ axis: 0, start: at, end: at + 1 }]);
  const fill = (value: number): Value => scope.constant(tensorOf(roi.type, [3], [value, value, value]));
  return op.concat([fill(0), part(i), fill(1), part(i + count)], 0);
}

function eye({ op, x }: GradientContext, size: Size): Value {
  const places = op.count(size);
  return op.cast(op.equal(op.unsqueeze(places, [0]), op.unsqueeze(places, [1])), x.type);
}

/** Applies a matrix [inputs, outputs] to an axis of outputs, transposed. */
function alongAxis(
  { op }: GradientContext,
  g: Value,
  { axis, matrix, size }: { readonly axis: number; readonly matrix: Value; readonly size: Size },
): Value {
  const rank = op.rank(g);
  if (axis === rank - 1) return op.matMul(g, op.transpose(matrix, [1, 0]));
  if (axis === rank - 2) return op.matMul(matrix, g);
  const [before, after] = [op.sizes(g).slice(0, axis), op.sizes(g).slice(axis + 1)];
  const flat = op.reshape(g, [...before, op.size(g, axis), op.product(...after)]);
  return op.reshape(op.matMul(matrix, flat), [...before, size, ...after]);
}
