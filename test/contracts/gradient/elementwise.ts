import fc from "fast-check";
import { tensorOf } from "../../../src/model/onnx/index.ts";
import type { AttributeInput } from "../../../src/model/onnx/index.ts";
import { apart, awayFromZero, between } from "./case.ts";
import type { CaseFamily, GradientCase, Sampler } from "./case.ts";

const shape = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 0, maxLength: 3 });

/** Two shapes that broadcast together. */
const pair = fc
  .tuple(shape, fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), fc.nat({ max: 3 }), fc.boolean())
  .map(([full, ones, cut, swap]) => {
    const other = full.map((dim, i) => (ones[i] === true ? 1 : dim)).slice(Math.min(cut, full.length));
    return (swap ? [other, full] : [full, other]) as readonly [number[], number[]];
  });

function unary(
  op: string,
  sampler: Sampler,
  options: { attributes?: Record<string, AttributeInput>; opset?: number } = {},
): CaseFamily {
  const { attributes = {}, opset } = options;
  return {
    ops: [op],
    cases: shape.map((dims): GradientCase => ({
      inputs: [dims],
      samplers: [sampler],
      ...(opset === undefined ? {} : { opset }),
      build: (b, [x]) => b.op(op, [x], attributes),
    })),
  };
}

const binary = (op: string, samplers: readonly Sampler[]): CaseFamily => ({
  ops: [op],
  cases: pair.map((inputs): GradientCase => ({ inputs, samplers, build: (b, xs) => b.op(op, xs) })),
});

const anywhere = between(-1.5, 1.5);
const positive = between(0.5, 2);

export const elementwise: readonly CaseFamily[] = [
  unary("Identity", anywhere),
  unary("Neg", anywhere),
  unary("Reciprocal", awayFromZero(0.6)),
  unary("Sqrt", positive),
  unary("Exp", anywhere),
  unary("Log", positive),
  unary("Abs", awayFromZero()),
  unary("Sin", anywhere),
  unary("Cos", anywhere),
  unary("Tan", between(-1, 1)),
  unary("Asin", between(-0.8, 0.8)),
  unary("Acos", between(-0.8, 0.8)),
  unary("Atan", anywhere),
  unary("Sinh", anywhere),
  unary("Cosh", anywhere),
  unary("Asinh", anywhere),
  unary("Acosh", between(1.5, 3)),
  unary("Atanh", between(-0.8, 0.8)),
  unary("Tanh", anywhere),
  unary("Sigmoid", anywhere),
  unary("Relu", awayFromZero()),
  unary("LeakyRelu", awayFromZero(), { attributes: { alpha: 0.2 } }),
  unary("ThresholdedRelu", awayFromZero(0.4, 0.9), { attributes: { alpha: 0.2 } }),
  unary("Elu", awayFromZero(), { attributes: { alpha: 1.3 } }),
  unary("Celu", awayFromZero(), { attributes: { alpha: 0.7 } }),
  unary("Selu", awayFromZero()),
  unary("Softplus", anywhere),
  unary("Softsign", awayFromZero()),
  unary("HardSigmoid", between(-1.5, 1.5), { attributes: { alpha: 0.25, beta: 0.5 } }),
  unary("HardSwish", between(-2, 2)),
  unary("Erf", anywhere),
  unary("Gelu", anywhere, { opset: 20 }),
  unary("Gelu", anywhere, { attributes: { approximate: "tanh" }, opset: 20 }),
  unary("Mish", anywhere),
  unary("Swish", anywhere, { attributes: { alpha: 1.4 }, opset: 24 }),
  unary("Shrink", awayFromZero(0.7), { attributes: { lambd: 0.5, bias: 0.1 } }),
  binary("Add", [anywhere]),
  binary("Sub", [anywhere]),
  binary("Mul", [anywhere]),
  binary("Div", [anywhere, awayFromZero(0.7)]),
  binary("Pow", [positive, anywhere]),
  {
    ops: ["PRelu"],
    cases: fc
      .constantFrom(
        [
          [2, 3, 2],
          [3, 1],
        ],
        [[3], []],
        [
          [2, 2],
          [2, 2],
        ],
        [[2, 2], [1]],
      )
      .map((inputs): GradientCase => ({
        inputs,
        samplers: [awayFromZero(), anywhere],
        build: (b, xs) => b.op("PRelu", xs),
      })),
  },
  {
    ops: ["Pow"],
    cases: fc.tuple(shape, fc.constantFrom(0, 1, 2, 3, 0.5, -1, 4)).map(([dims, power]): GradientCase => ({
      inputs: [dims],
      samplers: [positive],
      build: (b, [x]) => b.op("Pow", [x, b.scalar("float32", power)]),
    })),
  },
  {
    ops: ["Mod"],
    cases: fc.constant<GradientCase>({
      inputs: [[2, 3], [3]],
      samplers: [between(2.2, 2.8), between(0.95, 1.05)],
      build: (b, xs) => b.op("Mod", xs, { fmod: 1 }),
    }),
  },
  {
    ops: ["Sum", "Mean"],
    cases: fc
      .tuple(pair, fc.constantFrom("Sum", "Mean"))
      .map(([inputs, op]): GradientCase => ({ inputs: [...inputs, inputs[0]], build: (b, xs) => b.op(op, xs) })),
  },
  {
    ops: ["Max", "Min"],
    cases: fc.tuple(fc.constantFrom("Max", "Min"), fc.boolean()).map(([op, swap]): GradientCase => ({
      inputs: swap ? [[2, 3], [1], [3]] : [[3], [2, 3], []],
      samplers: [apart(0.2), (r, n) => apart(0.2)(r, n).map((v) => v + 0.07), (r, n) => apart(0.2)(r, n).map((v) => v + 0.13)],
      build: (b, xs) => b.op(op, xs),
    })),
  },
  {
    ops: ["Clip"],
    cases: fc.tuple(fc.boolean(), fc.boolean()).map(([low, high]): GradientCase => ({
      inputs: [[3, 4], [], []],
      samplers: [apart(0.2), between(-0.52, -0.5), between(0.5, 0.52)],
      wrt: [0, ...(low ? [1] : []), ...(high ? [2] : [])],
      build: (b, [x, from, to]) => b.op("Clip", [x, low ? from : undefined, high ? to : undefined]),
    })),
  },
  {
    ops: ["Where"],
    cases: pair.map((inputs): GradientCase => ({
      inputs,
      build: (b, [x, y]) =>
        b.op("Where", [
          b.constant(tensorOf("bool", [1], [1])),
          b.op("Where", [b.constant(tensorOf("bool", [2, 1, 1, 1, 1], [0, 1])), x, y]),
          y,
        ]),
    })),
  },
  {
    ops: ["Cast", "CastLike"],
    cases: fc.constantFrom("Cast", "CastLike").map((op): GradientCase => ({
      inputs: [[2, 2]],
      build: (b, [x]) => {
        const wide = op === "Cast" ? b.op("Cast", [x], { to: 11 }) : b.op("CastLike", [x, b.scalar("float64", 0)]);
        return b.op("Cast", [b.op("Mul", [wide, wide])], { to: 1 });
      },
    })),
  },
  {
    ops: ["Dropout"],
    cases: fc.constant<GradientCase>({ inputs: [[2, 3]], build: (b, [x]) => b.op("Dropout", [x, b.scalar("float32", 0.3)]) }),
  },
];
