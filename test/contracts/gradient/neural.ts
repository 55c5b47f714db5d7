import fc from "fast-check";
import { tensorOf } from "../../../src/model/onnx/index.ts";
import type { AttributeInput } from "../../../src/model/onnx/index.ts";
import { apart, awayFromZero, between } from "./case.ts";
import type { CaseFamily, GradientCase } from "./case.ts";

const window = fc.record({
  rank: fc.integer({ min: 1, max: 3 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  before: fc.integer({ min: 0, max: 2 }),
  after: fc.integer({ min: 0, max: 2 }),
  auto: fc.constantFrom("NOTSET", "NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"),
  length: fc.integer({ min: 5, max: 7 }),
});

const repeat = <T>(n: number, value: T): T[] => Array.from({ length: n }, () => value);

interface Drawn {
  readonly rank: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  readonly auto: string;
  readonly length: number;
}

/** Where the stride exceeds the kernel, ONNX Runtime's pooling and its shape inference disagree on automatic padding and on rounding up. */
const agreed = ([w, ceil]: readonly [Drawn, boolean | number, ...unknown[]]): boolean =>
  w.stride <= w.kernel || (ceil !== true && !w.auto.startsWith("SAME"));

const attributesOf = ({ rank, stride, dilation, before, after, auto }: Drawn): Record<string, AttributeInput> => ({
  strides: repeat(rank, stride),
  dilations: repeat(rank, dilation),
  ...(auto === "NOTSET" ? { pads: [...repeat(rank, before), ...repeat(rank, after)] } : { auto_pad: auto }),
});

const lengths = ({ rank, length }: Drawn): number[] => Array.from({ length: rank }, (_, i) => (i === 0 ? length : length - 1));

/** Whether the window fits into the shortest axis at least once. */
const fits = ({ rank, kernel, dilation, before, after, auto, length }: Drawn): boolean => {
  const pads = auto === "NOTSET" ? before + after : 0;
  return auto.startsWith("SAME") || dilation * (kernel - 1) + 1 <= length - (rank > 1 ? 1 : 0) + pads;
};

/** Convolutions of the sizes at which their weight gradients take another form: many channels, or many taps of a window that strides. */
const large = fc.oneof(
  window.filter(fits).map((w) => ({ ...w, rank: Math.min(w.rank, 2), kernel: Math.max(w.kernel, 2), auto: "NOTSET", inputs: 8 })),
  window.map((w) => ({ ...w, rank: 2, kernel: 4, dilation: 1, stride: Math.max(w.stride, 2), auto: "NOTSET", inputs: 2 })),
);

const norm = (
  op: string,
  dims: readonly (readonly number[])[],
  options: { attributes?: Record<string, AttributeInput>; opset?: number; wrt?: number[] } = {},
): fc.Arbitrary<GradientCase> =>
  fc.constant({
    inputs: dims,
    samplers: [between(-1.5, 1.5), between(0.5, 1.5), between(-1, 1), between(-1, 1), between(0.5, 1.5)],
    ...(options.opset === undefined ? {} : { opset: options.opset }),
    ...(options.wrt === undefined ? {} : { wrt: options.wrt }),
    note: JSON.stringify(options.attributes),
    build: (b, xs) => b.op(op, xs, options.attributes),
  });

export const neural: readonly CaseFamily[] = [
  {
    ops: ["Conv"],
    cases: fc.tuple(window.filter(fits), fc.constantFrom(1, 2), fc.boolean()).map(([w, group, bias]): GradientCase => ({
      // ONNX Runtime rejects automatic padding beside dilation.
      inputs: [[2, 2 * group, ...lengths(w)], [group * 2, 2, ...repeat(w.rank, w.kernel)], ...(bias ? [[group * 2]] : [])],
      samplers: [between(-1, 1), between(-0.5, 0.5)],
      open: w.auto === "NOTSET" || w.auto === "VALID",
      note: JSON.stringify({ ...w, group }),
      build: (b, xs) =>
        b.op("Conv", xs, {
          ...attributesOf(w.auto.startsWith("SAME") ? { ...w, dilation: 1 } : w),
          group,
          kernel_shape: repeat(w.rank, w.kernel),
        }),
    })),
  },
  {
    ops: ["Conv"],
    cases: large.filter(fits).map((w): GradientCase => ({
      inputs: [
        [2, w.inputs, ...lengths(w)],
        [2, w.inputs, ...repeat(w.rank, w.kernel)],
      ],
      samplers: [between(-1, 1), between(-0.5, 0.5)],
      note: JSON.stringify(w),
      build: (b, xs) => b.op("Conv", xs, { ...attributesOf(w), kernel_shape: repeat(w.rank, w.kernel) }),
    })),
  },
  {
    ops: ["ConvTranspose"],
    cases: fc
      .tuple(window, fc.constantFrom(1, 2), fc.boolean(), fc.constantFrom("none", "extra", "shape"))
      .map(([w, group, bias, more]): GradientCase => {
        const pads = { before: Math.min(w.before, 1), after: Math.min(w.after, 1) };
        const { auto_pad: _, ...attributes } = attributesOf({ ...w, ...pads, auto: "NOTSET" });
        const small = { ...w, length: 4 };
        const target = lengths(small).map((length) => (length - 1) * w.stride + 1 + w.dilation * (w.kernel - 1) - 1);
        return {
          inputs: [
            [1, 2 * group, ...lengths(small)],
            [group * 2, 2, ...repeat(w.rank, w.kernel)],
            ...(bias ? [[group * 2]] : []),
          ],
          samplers: [between(-1, 1), between(-0.5, 0.5)],
          open: more !== "shape",
          note: JSON.stringify({ ...w, group, more }),
          build: (b, xs) => {
            const rest = more === "extra" && w.stride > 1 ? { output_padding: repeat(w.rank, 1) } : {};
            if (more === "shape" && w.kernel > 1 && w.auto !== "VALID")
              return b.op("ConvTranspose", xs, {
                strides: repeat(w.rank, w.stride),
                dilations: repeat(w.rank, w.dilation),
                group,
                output_shape: target,
                kernel_shape: repeat(w.rank, w.kernel),
              });
            return b.op("ConvTranspose", xs, {
              ...attributes,
              ...(w.kernel > 1 && (w.length - 1) * w.stride > 4 ? {} : { pads: repeat(2 * w.rank, 0) }),
              ...rest,
              group,
              kernel_shape: repeat(w.rank, w.kernel),
            });
          },
        };
      }),
  },
  {
    // The common window, whose maxima are found without asking for indices.
    ops: ["MaxPool"],
    cases: fc
      .record({ rows: fc.integer({ min: 1, max: 3 }), columns: fc.integer({ min: 1, max: 3 }), order: fc.constantFrom(0, 1) })
      .map(({ rows, columns, order }): GradientCase => ({
        inputs: [[2, 2, 2 * rows, 2 * columns]],
        samplers: [apart(0.1)],
        note: JSON.stringify({ rows, columns, order }),
        build: (b, [x]) => b.op("MaxPool", [x], { kernel_shape: [2, 2], strides: [2, 2], storage_order: order }),
      })),
  },
  {
    ops: ["MaxPool"],
    cases: fc
      .tuple(window, fc.boolean(), fc.constantFrom(0, 1))
      .filter(agreed)
      .map(([w, ceil, order]): GradientCase => ({
        inputs: [[2, 2, ...lengths(w)]],
        samplers: [apart(0.1)],
        open: !w.auto.startsWith("SAME"),
        note: JSON.stringify({ ...w, ceil }),
        build: (b, [x]) =>
          b.op("MaxPool", [x], {
            ...attributesOf({
              ...w,
              before: Math.min(w.before, w.kernel - 1),
              after: Math.min(w.after, w.kernel - 1),
              dilation: w.auto === "NOTSET" ? w.dilation : 1,
            }),
            kernel_shape: repeat(w.rank, w.kernel),
            ceil_mode: ceil && w.auto === "NOTSET" ? 1 : 0,
            storage_order: order,
          }),
      })),
  },
  {
    ops: ["AveragePool"],
    cases: fc
      .tuple(window, fc.boolean(), fc.constantFrom(0, 1))
      .filter(agreed)
      .map(([w, ceil, count]): GradientCase => ({
        inputs: [[2, 2, ...lengths(w)]],
        opset: 19,
        open: !w.auto.startsWith("SAME") && !ceil,
        note: JSON.stringify({ ...w, ceil, count }),
        build: (b, [x]) =>
          b.op("AveragePool", [x], {
            ...attributesOf({
              ...w,
              before: Math.min(w.before, w.kernel - 1),
              after: Math.min(w.after, w.kernel - 1),
              dilation: w.auto === "NOTSET" ? w.dilation : 1,
            }),
            kernel_shape: repeat(w.rank, w.kernel),
            count_include_pad: count,
            ceil_mode: ceil && w.auto === "NOTSET" ? 1 : 0,
          }),
      })),
  },
  {
    ops: ["LpPool"],
    cases: fc
      .tuple(window, fc.constantFrom(1, 2, 3))
      .filter(agreed)
      .map(([w, p]): GradientCase => ({
        inputs: [[2, 2, ...lengths(w)]],
        samplers: [awayFromZero(0.5)],
        note: JSON.stringify({ ...w, p }),
        open: !w.auto.startsWith("SAME"),
        build: (b, [x]) =>
          b.op("LpPool", [x], {
            ...attributesOf({
              ...w,
              before: Math.min(w.before, w.kernel - 1),
              after: Math.min(w.after, w.kernel - 1),
              dilation: 1,
            }),
            dilations: repeat(w.rank, 1),
            kernel_shape: repeat(w.rank, w.kernel),
            p,
          }),
      })),
  },
  {
    ops: ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"],
    cases: fc.constantFrom("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool").map((op): GradientCase => ({
      inputs: [[2, 2, 3, 2]],
      samplers: [apart(0.12)],
      build: (b, [x]) => b.op(op, [x], op === "GlobalLpPool" ? { p: 3 } : {}),
    })),
  },
  {
    ops: ["MaxUnpool"],
    cases: fc.constant<GradientCase>({
      inputs: [[1, 1, 2, 2]],
      build: (b, [x]) =>
        b.op("MaxUnpool", [x, b.constant(tensorOf("int64", [1, 1, 2, 2], [1, 2, 8, 15]))], {
          kernel_shape: [2, 2],
          strides: [2, 2],
        }),
    }),
  },
  {
    ops: ["BatchNormalization"],
    cases: fc.oneof(
      norm("BatchNormalization", [[2, 3, 2, 2], [3], [3], [3], [3]]),
      norm("BatchNormalization", [[4, 3], [3], [3], [3], [3]]),
    ),
  },
  { ops: ["BatchNormalization"], cases: trainingNorm() },
  {
    ops: ["LayerNormalization"],
    cases: fc.oneof(
      norm("LayerNormalization", [[2, 3, 4], [4], [4]]),
      norm(
        "LayerNormalization",
        [
          [2, 3, 4],
          [3, 4],
          [3, 4],
        ],
        { attributes: { axis: 1 } },
      ),
      norm("LayerNormalization", [[3, 4], [4]], { attributes: { epsilon: 0.01 } }),
    ),
  },
  { ops: ["RMSNormalization"], cases: norm("RMSNormalization", [[2, 3, 4], [4]], { opset: 23 }) },
  { ops: ["InstanceNormalization"], cases: norm("InstanceNormalization", [[2, 3, 2, 3], [3], [3]]) },
  {
    ops: ["GroupNormalization"],
    cases: fc.oneof(
      norm("GroupNormalization", [[2, 4, 3], [4], [4]], { attributes: { num_groups: 2 }, opset: 21 }),
      norm("GroupNormalization", [[2, 4, 2, 2], [2], [2]], { attributes: { num_groups: 2 } }),
    ),
  },
  { ops: ["MeanVarianceNormalization"], cases: norm("MeanVarianceNormalization", [[2, 2, 3, 3]]) },
  {
    ops: ["LpNormalization"],
    cases: fc.oneof(
      norm("LpNormalization", [[2, 4]], { attributes: { p: 2 } }),
      norm("LpNormalization", [[4, 3]], { attributes: { p: 2, axis: 0 } }),
    ),
  },
  {
    ops: ["LRN"],
    cases: fc
      .constantFrom(1, 3, 5)
      .chain((size) => norm("LRN", [[2, 5, 2, 2]], { attributes: { size, alpha: 0.7, beta: 0.6, bias: 1.2 } })),
  },
  {
    ops: ["Softmax", "LogSoftmax"],
    cases: fc
      .tuple(fc.constantFrom("Softmax", "LogSoftmax"), fc.constantFrom(-1, 0, 1))
      .map(([op, axis]): GradientCase => ({ inputs: [[2, 3, 2]], build: (b, [x]) => b.op(op, [x], { axis }) })),
  },
  {
    ops: ["SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss"],
    cases: fc
      .tuple(
        fc.constantFrom("SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss"),
        fc.constantFrom("mean", "sum", "none"),
        fc.boolean(),
        fc.boolean(),
      )
      .map(([op, reduction, weight, ignore]): GradientCase => ({
        inputs: [[3, 4, 2], ...(weight ? [[4]] : [])],
        samplers: [between(-1, 1), between(0.5, 1.5)],
        build: (b, [x, w]) =>
          b.op(op, [x, b.constant(tensorOf("int64", [3, 2], [0, 1, 2, 3, 1, 0])), w], {
            reduction,
            ...(ignore ? { ignore_index: 1 } : {}),
          }),
      })),
  },
  {
    ops: ["Resize"],
    cases: fc
      .record({
        mode: fc.constantFrom("nearest", "linear", "cubic"),
        coordinate: fc.constantFrom("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"),
        sizes: fc.constantFrom<readonly [number, number]>([6, 8], [3, 2], [5, 7], [4, 4]),
        byScale: fc.boolean(),
        antialias: fc.boolean(),
      })
      .map(({ mode, coordinate, sizes, byScale, antialias }): GradientCase => ({
        inputs: [[2, 1, 4, 4]],
        note: JSON.stringify({ mode, coordinate, sizes, byScale, antialias }),
        build: (b, [x]) => {
          const attributes = {
            mode,
            coordinate_transformation_mode: coordinate,
            ...(antialias && mode !== "nearest" ? { antialias: 1 } : {}),
          };
          if (byScale)
            return b.op(
              "Resize",
              [x, undefined, b.constant(tensorOf("float32", [4], [1, 1, sizes[0] / 4, sizes[1] / 4]))],
              attributes,
            );
          return b.op("Resize", [x, undefined, undefined, b.ints([2, 1, ...sizes])], attributes);
        },
      })),
  },
  {
    ops: ["Upsample"],
    cases: fc.constantFrom("nearest", "linear").map((mode): GradientCase => ({
      inputs: [[1, 2, 3, 3]],
      opset: 9,
      build: (b, [x]) => b.op("Upsample", [x, b.constant(tensorOf("float32", [4], [1, 1, 2, 2]))], { mode }),
    })),
  },
  {
    ops: ["DequantizeLinear"],
    cases: fc.constantFrom<readonly number[]>([], [3]).map((scale): GradientCase => ({
      inputs: [scale],
      samplers: [between(0.5, 1)],
      build: (b, [s]) =>
        b.op(
          "DequantizeLinear",
          [
            b.constant(tensorOf("int8", [2, 3], [1, -2, 3, 4, -5, 6])),
            s,
            b.constant(tensorOf("int8", scale, scale.length === 0 ? [1] : [1, 0, 2])),
          ],
          { axis: 1 },
        ),
    })),
  },
];

const ints = (values: readonly number[]) => tensorOf("int64", [values.length], values);

/** Operators that read and write at computed places, and spectra. */
export const places: readonly CaseFamily[] = [
  {
    ops: ["GridSample"],
    cases: fc
      .record({
        mode: fc.constantFrom("linear", "nearest"),
        padding: fc.constantFrom("zeros", "border", "reflection"),
        corners: fc.constantFrom(0, 1),
        volume: fc.boolean(),
      })
      .map(({ mode, padding, corners, volume }): GradientCase => ({
        inputs: volume
          ? [
              [1, 2, 2, 3, 3],
              [1, 2, 2, 1, 3],
            ]
          : [
              [2, 2, 3, 4],
              [2, 2, 3, 2],
            ],
        samplers: [between(-1, 1), gridPositions],
        wrt: mode === "nearest" ? [0] : [0, 1],
        opset: 20,
        note: JSON.stringify({ mode, padding, corners, volume }),
        build: (b, xs) => b.op("GridSample", xs, { mode, padding_mode: padding, align_corners: corners }),
      })),
  },
  {
    ops: ["AffineGrid"],
    cases: fc.tuple(fc.constantFrom(0, 1), fc.boolean()).map(([align_corners, volume]): GradientCase => ({
      inputs: [volume ? [2, 3, 4] : [2, 2, 3]],
      opset: 20,
      build: (b, [theta]) =>
        b.op("AffineGrid", [theta, b.constant(ints(volume ? [2, 1, 2, 3, 2] : [2, 1, 2, 3]))], { align_corners }),
    })),
  },
  {
    ops: ["DFT"],
    cases: fc
      .tuple(fc.constantFrom(1, 2), fc.constantFrom(0, 1), fc.boolean(), fc.constantFrom(18, 20))
      .map(([parts, inverse, half, opset]): GradientCase => ({
        inputs: [[2, half && parts === 2 ? 3 : 4, parts]],
        opset,
        note: JSON.stringify({ parts, inverse, half, opset }),
        open: false,
        build: (b, [x]) =>
          b.op("DFT", [x], {
            inverse: half ? parts - 1 : inverse,
            onesided: half ? 1 : 0,
            ...(opset < 20 ? { axis: 1 } : {}),
          }),
      })),
  },
  {
    ops: ["STFT"],
    cases: fc.tuple(fc.constantFrom(0, 1), fc.boolean()).map(([onesided, window]): GradientCase => ({
      inputs: [[2, 10, 1], ...(window ? [[4]] : [])],
      open: false,
      build: (b, [x, w]) =>
        b.op("STFT", [x, b.constant(tensorOf("int64", [], [3])), w, b.constant(tensorOf("int64", [], [4]))], { onesided }),
    })),
  },
  {
    ops: ["CenterCropPad"],
    cases: fc.constantFrom([5, 2], [2, 5], [3, 3]).map((shape): GradientCase => ({
      inputs: [[3, 4]],
      open: false,
      build: (b, [x]) => b.op("CenterCropPad", [x, b.constant(ints(shape))]),
    })),
  },
  {
    ops: ["Col2Im"],
    cases: fc
      .constantFrom({}, { strides: [2, 1], pads: [1, 0, 0, 1] }, { dilations: [1, 2] })
      .map((attributes): GradientCase => ({
        inputs: [[2, 12, { strides: 6, dilations: 3 }[Object.keys(attributes)[0] ?? ""] ?? 6]],
        note: JSON.stringify(attributes),
        build: (b, [x]) =>
          b.op(
            "Col2Im",
            [
              x,
              b.constant(ints("strides" in attributes ? [4, 3] : "dilations" in attributes ? [4, 3] : [3, 4])),
              b.constant(ints([2, 2])),
            ],
            attributes,
          ),
      })),
  },
  {
    ops: ["Range"],
    cases: fc.constant<GradientCase>({
      inputs: [[], []],
      samplers: [between(0, 0.2), between(0.95, 1.05)],
      open: false,
      build: (b, [start, delta]) => b.op("Range", [start, b.scalar("float32", 3.6), delta]),
    }),
  },
];

/** Positions inside of cells, where sampling is smooth, and a few outside of the image. */
function gridPositions(random: () => number, count: number): number[] {
  return Array.from({ length: count }, () => {
    for (;;) {
      const v = -1.3 + 2.6 * random();
      const cells = [2, 3, 4].flatMap((length) => [
        ((v + 1) * length - 1) / 2,
        ((v + 1) / 2) * (length - 1),
        (v + 1) / 2,
        ((v + 1) * length) / 2,
      ]);
      if (cells.every((at) => Math.abs(at * 2 - Math.round(at * 2)) > 0.09)) return v;
    }
  });
}

function trainingNorm(): fc.Arbitrary<GradientCase> {
  return fc.constant({
    inputs: [[4, 2, 3], [2], [2]],
    samplers: [between(-1.5, 1.5), between(0.5, 1.5)],
    build: (b, [x, scale, bias]) =>
      b.call({
        op: "BatchNormalization",
        inputs: [x, scale, bias, b.constant(tensorOf("float32", [2], [0, 0])), b.constant(tensorOf("float32", [2], [1, 1]))],
        attributes: { training_mode: 1 },
        outputs: 3,
      })[0]!,
  });
}
