import fc from "fast-check";
import { tensorOf } from "../../../src/model/onnx/index.ts";
import type { AttributeInput, GraphBuilder } from "../../../src/model/onnx/index.ts";
import { apart, awayFromZero, between } from "./case.ts";
import type { CaseFamily, GradientCase, Sampler } from "./case.ts";

const anywhere = between(-1.5, 1.5);
const positive = between(0.5, 2);

const reduction = (op: string, sampler: Sampler): CaseFamily => ({
  ops: [op],
  cases: fc
    .record({
      dims: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      pick: fc.constantFrom("first", "last", "both", "none", "runtime"),
      keep: fc.boolean(),
    })
    .map(({ dims, pick, keep }): GradientCase => {
      const axes = { first: [0], last: [-1], both: dims.length > 1 ? [0, -1] : [0], none: undefined, runtime: [0] }[pick];
      return {
        inputs: [dims],
        samplers: [sampler],
        note: `${pick} ${keep}`,
        fixed: pick === "runtime" ? { axes: tensorOf("int64", [1], [0]) } : {},
        build: (b, [x]) => b.op(op, [x, pick === "runtime" ? "axes" : axes && b.ints(axes)], { keepdims: keep ? 1 : 0 }),
      };
    }),
});

const plain = (
  op: string,
  of: fc.Arbitrary<{
    dims: readonly number[];
    attributes?: Record<string, AttributeInput>;
    more?: (b: GraphBuilder) => string[];
    opset?: number;
    open?: boolean;
  }>,
  sampler: Sampler = anywhere,
): CaseFamily => ({
  ops: [op],
  cases: of.map(({ dims, attributes = {}, more, opset, open }): GradientCase => ({
    inputs: [dims],
    samplers: [sampler],
    ...(opset === undefined ? {} : { opset }),
    ...(open === undefined ? {} : { open }),
    note: JSON.stringify(attributes),
    build: (b, [x]) => b.op(op, [x!, ...(more?.(b) ?? [])], attributes),
  })),
});

const ints = (dims: readonly number[], values: readonly number[]) => tensorOf("int64", dims, values);

export const structure: readonly CaseFamily[] = [
  {
    // Definitions before opset 13: the tensor counts as a matrix, and all of its columns take part.
    ops: ["Softmax", "LogSoftmax"],
    cases: fc.tuple(fc.constantFrom("Softmax", "LogSoftmax"), fc.constantFrom(0, 1, 2)).map(([op, axis]): GradientCase => ({
      inputs: [[2, 3, 2]],
      opset: 11,
      build: (b, [x]) => b.op(op, [x], { axis }),
    })),
  },
  {
    // Axes as attributes, before 18.
    ops: ["ReduceMean", "ReduceMax"],
    cases: fc.tuple(fc.constantFrom("ReduceMean", "ReduceMax"), fc.constantFrom(11, 13, 17)).map(([op, opset]): GradientCase => ({
      inputs: [[2, 3, 2]],
      samplers: [apart()],
      opset,
      build: (b, [x]) => b.op(op, [x], { axes: [1, -1], keepdims: 0 }),
    })),
  },
  reduction("ReduceSum", anywhere),
  reduction("ReduceMean", anywhere),
  reduction("ReduceMax", apart()),
  reduction("ReduceMin", apart()),
  reduction("ReduceProd", awayFromZero(0.5)),
  reduction("ReduceL1", awayFromZero()),
  reduction("ReduceL2", awayFromZero(0.6)),
  reduction("ReduceSumSquare", anywhere),
  reduction("ReduceLogSum", positive),
  reduction("ReduceLogSumExp", anywhere),
  {
    ops: ["CumSum"],
    cases: fc
      .tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 1), fc.constantFrom(0, 1, -1))
      .map(([exclusive, reverse, axis]): GradientCase => ({
        inputs: [[2, 3]],
        build: (b, [x]) => b.op("CumSum", [x, b.constant(ints([], [axis]))], { exclusive, reverse }),
      })),
  },
  {
    ops: ["Reshape", "Flatten", "Squeeze", "Unsqueeze"],
    cases: fc.constantFrom("Reshape", "Flatten", "Squeeze", "Unsqueeze").map((op): GradientCase => ({
      inputs: [[2, 1, 3]],
      build: (b, [x]) =>
        b.op(op, op === "Flatten" ? [x] : [x, b.ints({ Reshape: [3, -1], Squeeze: [1], Unsqueeze: [0, 2] }[op as "Reshape"])]),
    })),
  },
  plain("Transpose", fc.constantFrom({ dims: [2, 3, 4], attributes: { perm: [2, 0, 1] } }, { dims: [2, 3] })),
  plain(
    "Expand",
    fc.constantFrom(
      { dims: [2, 1, 3], more: (b: GraphBuilder) => [b.ints([2, 1, 4, 3])] },
      { dims: [1], more: (b: GraphBuilder) => [b.ints([3, 2])] },
    ),
  ),
  plain(
    "Tile",
    fc.constantFrom(
      { dims: [2, 3], more: (b: GraphBuilder) => [b.ints([2, 1])] },
      { dims: [2, 1, 2], more: (b: GraphBuilder) => [b.ints([1, 3, 2])] },
    ),
  ),
  {
    ops: ["Concat"],
    cases: fc.constantFrom(0, 1, -1).map((axis): GradientCase => ({
      inputs:
        axis === 0
          ? [
              [1, 2],
              [3, 2],
              [2, 2],
            ]
          : [
              [2, 1],
              [2, 3],
            ],
      build: (b, xs) => b.op("Concat", xs, { axis }),
    })),
  },
  {
    ops: ["Split"],
    cases: fc.constantFrom(0, 1, 2).map((missing): GradientCase => ({
      inputs: [[2, 6]],
      build: (b, [x]) => {
        const parts = b.call({ op: "Split", inputs: [x, b.ints([1, 2, 3])], attributes: { axis: 1 }, outputs: 3 });
        const used = parts.filter((_, i) => i !== missing);
        return b.op("Concat", [...used, used[0]!], { axis: -1 });
      },
    })),
  },
  {
    ops: ["Slice"],
    cases: fc
      .record({
        start: fc.integer({ min: -6, max: 6 }),
        end: fc.constantFrom(-6, -2, 1, 3, 5, 2 ** 40),
        step: fc.constantFrom(1, 2, 3, -1, -2),
        runtime: fc.boolean(),
      })
      .filter(({ start, end, step }) => sliced(5, { start, end, step }) > 0)
      .map(({ start, end, step, runtime }): GradientCase => ({
        inputs: [[2, 5]],
        note: `${start}:${end}:${step} ${runtime}`,
        fixed: runtime ? { from: ints([1], [start]), to: ints([1], [end]) } : {},
        build: (b, [x]) =>
          b.op("Slice", [
            x,
            runtime ? "from" : b.ints([start]),
            runtime ? "to" : b.ints([end]),
            b.ints([-1]),
            step === 1 ? undefined : b.ints([step]),
          ]),
      })),
  },
  {
    ops: ["Pad"],
    cases: fc.tuple(fc.constantFrom("constant", "reflect", "edge", "wrap"), fc.boolean()).map(([mode, axes]): GradientCase => ({
      inputs: mode === "constant" ? [[2, 4], []] : [[2, 4]],
      opset: 19,
      note: mode,
      build: (b, [x, value]) =>
        b.op(
          "Pad",
          [x, b.ints(axes ? [2, 1] : mode === "constant" ? [0, 2, 1, -1] : [1, 2, 0, 3]), value, axes ? b.ints([1]) : undefined],
          { mode },
        ),
    })),
  },
  plain(
    "DepthToSpace",
    fc.constantFrom("DCR", "CRD").map((mode) => ({ dims: [2, 8, 2, 3], attributes: { blocksize: 2, mode } })),
  ),
  plain("SpaceToDepth", fc.constant({ dims: [2, 2, 4, 6], attributes: { blocksize: 2 } })),
  plain(
    "ReverseSequence",
    fc.constant({ dims: [3, 2], attributes: { time_axis: 0, batch_axis: 1 }, more: (b: GraphBuilder) => [b.ints([2, 3])] }),
  ),
  plain(
    "Trilu",
    fc
      .tuple(fc.constantFrom(0, 1), fc.constantFrom(-1, 0, 1))
      .map(([upper, k]) => ({ dims: [2, 3, 3], attributes: { upper }, more: (b: GraphBuilder) => [b.constant(ints([], [k]))] })),
  ),
  {
    ops: ["Gather"],
    cases: fc
      .tuple(fc.constantFrom(0, 1, -1), fc.constantFrom(ints([], [1]), ints([3], [0, 1, 0]), ints([2, 2], [1, -1, 0, 1])))
      .map(([axis, indices]): GradientCase => ({
        inputs: [[2, 3, 2]],
        note: `${axis} [${indices.dims.join()}]`,
        build: (b, [x]) => b.op("Gather", [x, b.constant(indices)], { axis }),
      })),
  },
  {
    ops: ["ai.onnx.ml::ArrayFeatureExtractor"],
    cases: fc.constantFrom(ints([1, 1], [1]), ints([1, 3], [2, 0, 2])).map((positions): GradientCase => ({
      inputs: [[4, 3]],
      note: `[${positions.dims.join()}]`,
      build: (b, [x]) =>
        b.call({
          op: "ArrayFeatureExtractor",
          domain: "ai.onnx.ml",
          inputs: [x!, b.constant(positions)],
          outputs: ["picked"],
        })[0]!,
    })),
  },
  {
    ops: ["GatherElements", "ScatterElements", "Scatter"],
    cases: fc.constantFrom("gather", "none", "add", "mul", "max", "min").map((mode): GradientCase => ({
      inputs:
        mode === "gather"
          ? [[3, 2]]
          : [
              [3, 2],
              [2, 2],
            ],
      samplers: [apart(0.2), (r, n) => apart(0.2)(r, n).map((v) => v + 0.11)],
      note: mode,
      build: (b, [x, u]) => {
        const indices = b.constant(ints([2, 2], mode === "gather" || mode === "add" ? [2, 0, 2, -1] : [2, 0, 0, 1]));
        return mode === "gather"
          ? b.op("GatherElements", [x, indices], { axis: 0 })
          : b.op("ScatterElements", [x, indices, u], { axis: 0, reduction: mode });
      },
    })),
  },
  {
    ops: ["GatherND", "ScatterND"],
    cases: fc.constantFrom("gather", "batch", "none", "add", "mul", "max", "min").map((mode): GradientCase => ({
      inputs:
        mode === "gather" || mode === "batch"
          ? [[2, 3, 2]]
          : [
              [3, 2, 2],
              [2, 2],
            ],
      samplers: [apart(0.2), (r, n) => apart(0.2)(r, n).map((v) => v + 0.11)],
      note: mode,
      build: (b, [x, u]) => {
        if (mode === "gather") return b.op("GatherND", [x, b.constant(ints([3, 2], [0, 1, 1, -1, 0, 1]))]);
        if (mode === "batch") return b.op("GatherND", [x, b.constant(ints([2, 2, 1], [0, 2, 1, 1]))], { batch_dims: 1 });
        return b.op("ScatterND", [x, b.constant(ints([2, 2], [2, 0, 0, 1])), u], { reduction: mode });
      },
    })),
  },
  {
    ops: ["Compress"],
    cases: fc.boolean().map((axis): GradientCase => ({
      inputs: [[2, 3]],
      build: (b, [x]) =>
        b.op(
          "Compress",
          [x, b.constant(tensorOf("bool", [axis ? 3 : 5], axis ? [1, 0, 1] : [0, 1, 1, 0, 1]))],
          axis ? { axis: 1 } : {},
        ),
    })),
  },
  {
    ops: ["Unique"],
    cases: fc.constant<GradientCase>({ inputs: [[2, 3]], samplers: [apart()], build: (b, [x]) => b.op("Unique", [x]) }),
  },
  {
    ops: ["OneHot"],
    cases: fc.constantFrom(-1, 0).map((axis): GradientCase => ({
      inputs: [[2]],
      build: (b, [values]) => b.op("OneHot", [b.ints([0, 2, 5]), b.constant(ints([1], [3])), values], { axis }),
    })),
  },
  {
    ops: ["TopK"],
    cases: fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 1)).map(([largest, axis]): GradientCase => ({
      inputs: [[3, 4]],
      samplers: [apart()],
      build: (b, [x]) => b.call({ op: "TopK", inputs: [x, b.ints([2])], attributes: { largest, axis }, outputs: 2 })[0]!,
    })),
  },
  {
    ops: ["MatMul"],
    cases: fc
      .constantFrom(
        [
          [2, 3],
          [3, 2],
        ],
        [[3], [3, 2]],
        [[2, 3], [3]],
        [[3], [3]],
        [
          [2, 2, 3],
          [3, 2],
        ],
        [
          [2, 1, 2, 3],
          [3, 3, 2],
        ],
        [[3], [2, 3, 2]],
      )
      .map((inputs): GradientCase => ({
        inputs,
        note: JSON.stringify(inputs),
        build: (b, xs) => b.op("MatMul", xs),
      })),
  },
  {
    ops: ["Gemm"],
    cases: fc
      .tuple(fc.boolean(), fc.boolean(), fc.constantFrom([2], [3, 1], [], undefined))
      .map(([transA, transB, c]): GradientCase => ({
        inputs: [transA ? [4, 3] : [3, 4], transB ? [2, 4] : [4, 2], ...(c === undefined ? [] : [c])],
        build: (b, xs) => b.op("Gemm", xs, { transA: transA ? 1 : 0, transB: transB ? 1 : 0, alpha: 0.7, beta: 1.3 }),
      })),
  },
  {
    ops: ["Einsum"],
    cases: fc
      .constantFrom<readonly [string, readonly (readonly number[])[]]>(
        [
          "ij,jk->ik",
          [
            [2, 3],
            [3, 2],
          ],
        ],
        [
          "bij,bjk->bik",
          [
            [2, 2, 3],
            [2, 3, 2],
          ],
        ],
        [
          "...ij,...jk->...ik",
          [
            [2, 2, 3],
            [1, 3, 2],
          ],
        ],
        ["ij->ji", [[2, 3]]],
        ["ij->i", [[2, 3]]],
        ["ij->", [[2, 3]]],
        ["i,j->ij", [[2], [3]]],
        [
          "ij,ij",
          [
            [2, 3],
            [2, 3],
          ],
        ],
        ["ii->i", [[3, 3]]],
        [
          "bhqd,bhkd->bhqk",
          [
            [1, 2, 2, 3],
            [1, 2, 3, 3],
          ],
        ],
        ["ij,j,j->i", [[2, 3], [3], [3]]],
      )
      .map(([equation, inputs]): GradientCase => ({
        inputs,
        note: equation,
        build: (b, xs) => b.op("Einsum", xs, { equation }),
      })),
  },
];

function sliced(dim: number, { start, end, step }: { start: number; end: number; step: number }): number {
  const clamp = (v: number, low: number, high: number) => Math.min(Math.max(v, low), high);
  const from = clamp(start < 0 ? start + dim : start, 0, step > 0 ? dim : dim - 1);
  const to = clamp(end < 0 ? end + dim : end, step > 0 ? 0 : -1, dim);
  return Math.ceil((to - from) / step);
}
