/** Operators that keep or broadcast shapes. On small known tensors they are computed, because shapes travel through them. */
import { addDims, floorDiv, mulDims, subDims } from "../../dim.ts";
import type { Dim } from "../../graph.ts";
import { elementFamily } from "../../tensor.ts";
import { elementTypeOf } from "../../tensor.ts";
import { broadcastDims, mapElements } from "../broadcast.ts";
import type { NodeView, Rule, Rules } from "../node-view.ts";

/** Output 0 has the shape of input 0. */
export const sameShape: Rule = (n) => [{ dims: n.dims(0) }];

const each =
  (apply: (value: Dim) => Dim): Rule =>
  (n) => [{ dims: n.dims(0), elements: n.elements(0)?.map(apply) }];

/** Computes on numbers; symbols become unknown. */
const onNumber =
  (apply: (value: number) => number) =>
  (value: Dim): Dim =>
    typeof value === "number" ? finite(apply(value)) : null;

/** Whole numbers beyond ±2^53 are not exact any more, so nothing is said of them. */
const finite = (value: number): Dim => (Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : null);

/** Symbols mix with whole numbers only; an element that overflows is unknown, not an error, since it may never become a size. */
const exactly =
  (apply: (a: Dim, b: Dim) => Dim) =>
  (a: Dim, b: Dim): Dim => {
    const isSize = (value: Dim): boolean => typeof value === "string" || Number.isSafeInteger(value);
    if (!isSize(a) || !isSize(b)) return null;
    try {
      return apply(a, b);
    } catch {
      return null;
    }
  };

const broadcast =
  (apply: (a: Dim, b: Dim) => Dim): Rule =>
  (n) => {
    // Before opset 7 the second input was stretched along an `axis`; the shape is the first's.
    if (n.opset < 7) return [{ dims: n.dims(0) }];
    return [{ dims: broadcastDims(n, [n.dims(0), n.dims(1)]), elements: mapElements(n, 2, apply) }];
  };

const onNumbers =
  (apply: (a: number, b: number) => number) =>
  (a: Dim, b: Dim): Dim =>
    typeof a === "number" && typeof b === "number" ? finite(apply(a, b)) : null;

const isInteger = (n: NodeView): boolean => {
  const type = n.elementType(0);
  return type !== undefined && elementFamily(type) === "int";
};

/** Exact on integers and symbols; on floats only where both are plain numbers, which may be fractions. */
const arithmetic = (exact: (a: Dim, b: Dim) => Dim, plain: (a: number, b: number) => number): Rule =>
  broadcast((a, b) => {
    if (typeof a === "number" && typeof b === "number") return finite(plain(a, b));
    return exactly(exact)(a, b);
  });

const div: Rule = (n) => {
  const whole = isInteger(n);
  // ONNX divides integers towards zero; for sizes, which are not negative, that is the floor.
  const apply = (a: Dim, b: Dim): Dim => {
    if (typeof a === "number" && typeof b === "number") return b === 0 ? null : finite(whole ? Math.trunc(a / b) : a / b);
    return whole ? exactly(floorDiv)(a, b) : null;
  };
  return broadcast(apply)(n);
};

const mod: Rule = broadcast((a, b) => {
  if (typeof a === "number" && typeof b === "number") return b === 0 ? null : a - b * Math.floor(a / b);
  return exactly((a, b) => subDims(a, mulDims(floorDiv(a, b), b)))(a, b);
});

const compare = (apply: (a: number, b: number) => boolean): Rule =>
  broadcast((a, b) => (typeof a === "number" && typeof b === "number" ? Number(apply(a, b)) : null));

/** Equal texts are equal dimensions; different ones may still be equal numbers, except that sizes are never negative. */
const equal: Rule = broadcast((a, b) => {
  if (a === null || b === null) return null;
  if (a === b) return 1;
  if (typeof a === "number" && typeof b === "number") return 0;
  return (typeof a === "number" && a < 0) || (typeof b === "number" && b < 0) ? 0 : null;
});

const extreme =
  (pick: (...values: number[]) => number): Rule =>
  (n) => {
    const count = n.inputs.length;
    const apply = (...values: Dim[]): Dim => {
      if (values.every((value) => value === values[0])) return values[0]!;
      return values.every((value) => typeof value === "number") ? pick(...values) : null;
    };
    return [
      {
        dims: broadcastDims(
          n,
          n.inputs.map((_, i) => n.dims(i)),
        ),
        elements: mapElements(n, count, apply),
      },
    ];
  };

const variadic: Rule = (n) => [
  {
    dims: broadcastDims(
      n,
      n.inputs.map((_, i) => n.dims(i)),
    ),
  },
];

const where: Rule = (n) => [
  {
    dims: broadcastDims(n, [n.dims(0), n.dims(1), n.dims(2)]),
    elements: mapElements(n, 3, (condition = null, a = null, b = null) => {
      if (condition === null) return a === b ? a : null;
      return condition === 0 ? b : a;
    }),
  },
];

const cast: Rule = (n) => {
  const elementType = elementTypeOf(n.int("to", 0)) ?? n.fail(`casts to element type number ${n.int("to", 0)}`);
  return [{ elementType, dims: n.dims(0), elements: castElements(n, elementFamily(elementType)) }];
};

const castLike: Rule = (n) => {
  const elementType = n.elementType(1);
  return [
    {
      elementType,
      dims: n.dims(0),
      elements: elementType === undefined ? undefined : castElements(n, elementFamily(elementType)),
    },
  ];
};

function castElements(n: NodeView, family: string): readonly Dim[] | undefined {
  if (family === "string" || family === "complex") return undefined;
  const elements = n.elements(0);
  if (family === "float") return elements;
  if (family === "bool") return elements?.map(onNumber((value) => Number(value !== 0)));
  return elements?.map((value) => (typeof value === "number" ? Math.trunc(value) : value));
}

const clip: Rule = (n) => {
  const bound = (index: number, attribute: string): number | null => {
    const given = n.has(index) ? n.elements(index)?.[0] : n.float(attribute, undefined);
    return n.has(index) && typeof given !== "number" ? Number.NaN : ((given as number | undefined) ?? null);
  };
  const [low, high] = [bound(1, "min"), bound(2, "max")];
  const clamp = onNumber((value) => Math.min(high ?? Infinity, Math.max(low ?? -Infinity, value)));
  return [{ dims: n.dims(0), elements: n.elements(0)?.map(clamp) }];
};

/** IEEE rounding to even, as ONNX's Round. */
function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

const dropout: Rule = (n) => [
  { dims: n.dims(0), elements: n.elements(0) },
  { dims: n.dims(0), elementType: n.opset >= 10 ? "bool" : n.elementType(0) },
];

const bernoulli: Rule = (n) => [{ dims: n.dims(0), elementType: elementTypeOf(n.int("dtype", 0)) ?? n.elementType(0) }];

const shapeKeepers = [
  "Acos Acosh Asin Asinh Atan Atanh Celu Cos Cosh CumProd CumSum Elu Erf Exp Gelu HardSigmoid HardSwish Hardmax",
  "InstanceNormalization GroupNormalization LRN LeakyRelu Log LogSoftmax LpNormalization MeanVarianceNormalization Mish",
  "PRelu Reciprocal RMSNormalization Selu Shrink Sigmoid Sin Sinh Softmax Softplus Softsign Swish Tan Tanh ThresholdedRelu",
  "BitwiseNot IsNaN IsInf Trilu ReverseSequence Scatter ScatterElements ScatterND RegexFullMatch TensorScatter RotaryEmbedding",
]
  .join(" ")
  .split(" ");

const binaries = "And Or Xor BitShift BitwiseAnd BitwiseOr BitwiseXor StringConcat".split(" ");
const logic: Readonly<Record<string, (a: number, b: number) => number>> = {
  And: (a, b) => Number(a !== 0 && b !== 0),
  Or: (a, b) => Number(a !== 0 || b !== 0),
  Xor: (a, b) => Number((a !== 0) !== (b !== 0)),
};

export const elementwise: Rules = {
  ...Object.fromEntries(shapeKeepers.map((op) => [op, sameShape])),
  ...Object.fromEntries(binaries.map((op) => [op, broadcast(logic[op] === undefined ? () => null : onNumbers(logic[op]))])),
  Identity: (n) => [n.inputs[0]],
  Abs: each(onNumber(Math.abs)),
  Neg: each((value) => (typeof value === "number" ? -value : subDims(0, value))),
  Floor: each((value) => (typeof value === "number" ? Math.floor(value) : value)),
  Ceil: each((value) => (typeof value === "number" ? Math.ceil(value) : value)),
  Round: each((value) => (typeof value === "number" ? roundEven(value) : value)),
  Sqrt: each(onNumber(Math.sqrt)),
  Relu: each((value) => (typeof value === "number" ? Math.max(0, value) : value)),
  Sign: each(onNumber(Math.sign)),
  Not: each(onNumber((value) => Number(value === 0))),
  Add: arithmetic(addDims, (a, b) => a + b),
  Sub: arithmetic(subDims, (a, b) => a - b),
  Mul: arithmetic(mulDims, (a, b) => a * b),
  Div: div,
  Mod: mod,
  Pow: broadcast(onNumbers((a, b) => a ** b)),
  Equal: equal,
  Greater: compare((a, b) => a > b),
  Less: compare((a, b) => a < b),
  GreaterOrEqual: compare((a, b) => a >= b),
  LessOrEqual: compare((a, b) => a <= b),
  Max: extreme(Math.max),
  Min: extreme(Math.min),
  Sum: variadic,
  Mean: variadic,
  Where: where,
  Cast: cast,
  CastLike: castLike,
  BitCast: (n) => [{ elementType: elementTypeOf(n.int("to", 0)), dims: n.dims(0) }],
  Clip: clip,
  Dropout: dropout,
  Bernoulli: bernoulli,
};
