/** Operators that move elements: the gradient moves back. */
import { defineGradient, defineLowering } from "../define.ts";
import type { GradientContext } from "../define.ts";
import { inversePermutation } from "../ops/arrange.ts";
import { cutLength } from "../ops/cut.ts";
import { convLength } from "../ops/neural.ts";
import { tapInputs } from "../patterns/convolve.ts";
import { axisOf, range } from "../value.ts";
import type { Dim } from "../../onnx/index.ts";
import type { Size, Value } from "../value.ts";

export const reshapes = defineGradient(["Reshape", "Flatten", "Squeeze", "Unsqueeze"], ({ g, x, op }) => [op.reshapeLike(g, x)]);

export const transpose = defineGradient("Transpose", ({ g, x, op, attrs }) => {
  const perm = attrs.ints("perm") ?? range(op.rank(x)).toReversed();
  return [op.transpose(g, inversePermutation(perm))];
});

export const expand = defineGradient("Expand", ({ g, x, op }) => [op.sumTo(g, x)]);

/** Copies lie side by side: with the axis split into copy and position, the gradient is the sum over copies. */
export const tile = defineGradient("Tile", ({ g, xs, op, numbers }) => {
  const [x, repeats] = xs as [Value, Value];
  const rank = op.rank(x);
  const known = numbers(repeats);
  const times = (axis: number): Size =>
    known?.[axis] ?? { value: op.slice(repeats, [{ axis: 0, start: axis, end: axis + 1 }]), dim: null };
  const parted = op.reshape(
    g,
    range(rank).flatMap((axis) => [times(axis), op.size(x, axis)]),
  );
  return [
    op.sum(
      parted,
      range(rank).map((axis) => 2 * axis),
      false,
    ),
  ];
});

export const concat = defineGradient("Concat", ({ g, xs, op, attrs }) => {
  const inputs = xs as readonly Value[];
  const axis = axisOf(attrs.int("axis", 0), op.rank(g));
  return splitBy(op, g, { axis, sizes: inputs.map((x) => op.size(x, axis)) });
});

function splitBy(
  op: GradientContext["op"],
  g: Value,
  { axis, sizes }: { readonly axis: number; readonly sizes: readonly Size[] },
): readonly Value[] {
  if (sizes.every((size) => typeof size === "number")) return op.split(g, sizes, axis);
  if (sizes.length === 1) return [g];
  const outputs = sizes.map((size) => ({
    type: g.type,
    dims: g.dims?.map((dim, i): Dim => (i === axis ? (typeof size === "number" ? size : size.dim) : dim)),
  }));
  return op.emit({ op: "Split", inputs: [g, op.shapeTensor(sizes)], outputs, attributes: { axis } });
}

export const split = defineGradient("Split", ({ gs, ys, op, attrs, x }) => {
  const axis = axisOf(attrs.int("axis", 0), op.rank(x));
  return [
    op.concat(
      ys.map((y, i) => gs[i] ?? op.zerosLike(y!)),
      axis,
    ),
  ];
});

export const slice = defineGradient("Slice", (context) => {
  const { g, xs, op, numbers } = context;
  const [x, starts, ends, axes, steps] = xs as [Value, Value, Value, Value | undefined, Value | undefined];
  const from = numbers(starts);
  const along = axes === undefined ? (from ?? numbers(ends))?.map((_, i) => i) : numbers(axes);
  if (along === undefined) throw context.refuse("its axes are only known when the model runs");
  const rank = op.rank(x);
  const to = numbers(ends);
  const by = steps === undefined ? along.map(() => 1) : numbers(steps);
  let result = g;
  for (const [i, given] of along.entries()) {
    const axis = axisOf(given, rank);
    const size = op.size(x, axis);
    const known = from && to && by && typeof size === "number" ? { axis, start: from[i]!, end: to[i]!, step: by[i]! } : undefined;
    if (known !== undefined && known.step === 1 && typeof size === "number") {
      const start = Math.min(Math.max(known.start < 0 ? known.start + size : known.start, 0), size);
      const rest = size - start - cutLength(size, known);
      result = op.pad(
        result,
        range(rank).map((at) => (at === axis ? start : 0)),
        range(rank).map((at) => (at === axis ? rest : 0)),
      );
      continue;
    }
    const pick = (value: Value): Value => op.slice(value, [{ axis: 0, start: i, end: i + 1 }]);
    const indices = op.emit({
      op: "Slice",
      inputs: [op.count(size), pick(starts), pick(ends), op.ints([0]), steps && pick(steps)],
      outputs: [{ type: "int64", dims: [g.dims?.[axis] ?? null] }],
    })[0]!;
    result = op.addAlong(result, indices, axis, size);
  }
  return [result];
});

export const depthToSpace = defineGradient("DepthToSpace", ({ g, x, op, attrs }) => {
  const block = attrs.int("blocksize", 1);
  if (attrs.string("mode", "DCR") === "DCR") return [op.spaceToDepth(g, block, x.dims)];
  const [batch, channels, height, width] = [op.size(g, 0), op.size(g, 1), op.size(x, 2), op.size(x, 3)];
  const parted = op.reshape(g, [batch, channels, height, block, width, block]);
  return [op.reshapeLike(op.transpose(parted, [0, 1, 3, 5, 2, 4]), x)];
});

export const spaceToDepth = defineGradient("SpaceToDepth", ({ g, x, op, attrs }) => [
  op.depthToSpace(g, attrs.int("blocksize", 1), "DCR", x.dims),
]);

/** Reversing twice gives back the order. */
export const reverseSequence = defineGradient("ReverseSequence", ({ g, xs, op, attrs }) => {
  const attributes = { batch_axis: attrs.int("batch_axis", 1), time_axis: attrs.int("time_axis", 0) };
  return op.emit({ op: "ReverseSequence", inputs: [g, xs[1]], outputs: [{ type: g.type, dims: g.dims }], attributes });
});

export const trilu = defineGradient("Trilu", ({ g, xs, op, attrs }) => [op.trilu(g, xs[1], attrs.int("upper", 1) === 1)]);

/** Cuts or fills up both sides evenly, the odd element at the end. */
export const centerCropPad = defineLowering("CenterCropPad", ({ xs, op, attrs, numbers, refuse }) => {
  const [x, shape] = xs as [Value, Value];
  const rank = op.rank(x);
  const target = numbers(shape);
  const axes = (attrs.ints("axes") ?? range(rank)).map((axis) => axisOf(axis, rank));
  if (target === undefined) throw refuse("its shape is only known when the model runs");
  const extra = range(rank).map((axis) => {
    const size = op.size(x, axis);
    if (!axes.includes(axis)) return 0;
    if (typeof size !== "number") throw refuse("its size is not known", "give the model's inputs fixed shapes");
    return target[axes.indexOf(axis)]! - size;
  });
  const cut = op.slice(
    x,
    extra.flatMap((more, axis) => {
      const start = Math.floor(-more / 2);
      return more < 0 ? [{ axis, start, end: start + target[axes.indexOf(axis)]! }] : [];
    }),
  );
  const before = extra.map((more) => Math.max(0, Math.floor(more / 2)));
  return [
    op.pad(
      cut,
      before,
      extra.map((more, axis) => Math.max(0, more) - before[axis]!),
    ),
  ];
});

/** Columns are what each place of a window sees: each takes the gradient of its element. */
export const col2Im = defineGradient("Col2Im", ({ g, xs, op, attrs, numbers, refuse }) => {
  const [x, image, block] = xs as [Value, Value, Value];
  const [sizes, kernel] = [numbers(image), numbers(block)];
  if (sizes === undefined || kernel === undefined) throw refuse("its shape is only known when the model runs");
  const ones = kernel.map(() => 1);
  const window = {
    kernel,
    strides: attrs.ints("strides") ?? ones,
    dilations: attrs.ints("dilations") ?? ones,
    pads: attrs.ints("pads") ?? range(2 * kernel.length).map(() => 0),
  };
  const places = sizes.map((size, i) => convLength(size, window, i));
  const [batch, channels] = op.sizes(g);
  const taps = tapInputs(op, g, window, places).map((tap) => op.reshape(tap, [batch!, channels!, 1, op.product(...places)]));
  return [op.reshapeLike(op.concat(taps, 2), x)];
});

/** start + i · delta: as many elements as fit before the limit, which itself does not move them. */
export const rangeOf = defineGradient("Range", ({ g, xs, op }) => {
  const turns = op.cast(op.count(op.size(g, 0)), g.type);
  return [op.reshapeLike(op.sum(g, [0], false), xs[0]!), undefined, op.reshapeLike(op.sum(op.mul(g, turns), [0], false), xs[2]!)];
});
