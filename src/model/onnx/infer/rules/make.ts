/** Operators that make tensors from little: constants, ranges, random numbers, windows. Here small files ask for large memory. */
import { addDims, ceilDiv, mulDims, subDims } from "../../dim.ts";
import { attributeOf } from "../../attribute.ts";
import type { Dim } from "../../graph.ts";
import { elementTypeOf } from "../../tensor.ts";
import type { Tensor } from "../../tensor.ts";
import { maxElements, staticCount } from "../abstract.ts";
import type { Out } from "../abstract.ts";
import { known } from "../known.ts";
import type { NodeView, Rule, Rules } from "../node-view.ts";
import { freshShape } from "./shape.ts";

const constant: Rule = (n) => {
  const tensor = n.tensor("value");
  if (tensor !== undefined) return [known(tensor)];
  const sparse = attributeOf(n.node, "sparse_value", "sparse");
  if (sparse !== undefined) return [{ elementType: sparse.values.type, dims: sparse.dims }];
  const int = attributeOf(n.node, "value_int", "int");
  if (int !== undefined) return [{ elementType: "int64", dims: [], elements: [Number(int)] }];
  const float = n.float("value_float", undefined);
  if (float !== undefined) return [{ elementType: "float32", dims: [], elements: [float] }];
  const ints = n.ints("value_ints", undefined);
  if (ints !== undefined) return [vector("int64", ints)];
  const floats = attributeOf(n.node, "value_floats", "floats");
  if (floats !== undefined) return [vector("float32", floats)];
  if (n.string("value_string", undefined) !== undefined) return [{ elementType: "string", dims: [] }];
  const strings = attributeOf(n.node, "value_strings", "strings");
  return strings === undefined ? n.fail("holds no value") : [{ elementType: "string", dims: [strings.length] }];
};

const vector = (elementType: "int64" | "float32", values: readonly number[]): Out => ({
  elementType,
  dims: [values.length],
  elements: values.length <= maxElements ? values : undefined,
});

const constantOfShape: Rule = (n) => {
  const value = n.tensor("value");
  const elementType = value?.type ?? "float32";
  const dims = freshShape(n, shapeInput(n, 0));
  const count = staticCount(dims);
  const fill = value === undefined ? 0 : first(value);
  const elements =
    count !== undefined && count <= maxElements && fill !== undefined ? Array.from({ length: count }, () => fill) : undefined;
  return [{ elementType, dims, elements }];
};

const first = (tensor: Tensor): Dim | undefined => known(tensor).elements?.[0];

/** The dimensions that an input lists: their values, or that many unknown ones. */
function shapeInput(n: NodeView, input: number): readonly Dim[] | undefined {
  const elements = n.elements(input);
  if (elements !== undefined) return elements;
  const length = n.dims(input)?.[0];
  return typeof length === "number" && length <= 64 ? n.unknownDims(length) : undefined;
}

const range: Rule = (n) => {
  const [start, limit, delta] = [0, 1, 2].map((i) => n.elements(i)?.[0] ?? null) as [Dim, Dim, Dim];
  const elementType = n.elementType(0);
  if (typeof start === "number" && typeof limit === "number" && typeof delta === "number") {
    if (delta === 0) n.fail("counts in steps of 0");
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    if (!Number.isSafeInteger(count)) n.fail(`counts ${count} steps`);
    const elements = count <= maxElements ? Array.from({ length: count }, (_, i) => start + i * delta) : undefined;
    return [{ elementType, dims: [count], elements }];
  }
  if (start === null || limit === null || typeof delta !== "number" || delta <= 0) return [{ elementType, dims: [n.fresh()] }];
  return [{ elementType, dims: [ceilDiv(subDims(limit, start), delta)] }];
};

const random: Rule = (n) => [{ elementType: dtype(n) ?? "float32", dims: sized(n, n.ints("shape", [])) }];

const randomLike: Rule = (n) => [{ elementType: dtype(n) ?? n.elementType(0), dims: n.dims(0) }];

const dtype = (n: NodeView) => elementTypeOf(n.int("dtype", 0));

function sized(n: NodeView, dims: readonly number[]): readonly number[] {
  for (const dim of dims) if (!Number.isSafeInteger(dim) || dim < 0) n.fail(`asks for dimension ${dim}`);
  return dims;
}

const eyeLike: Rule = (n) => [{ elementType: dtype(n) ?? n.elementType(0), dims: n.dims(0) }];

const multinomial: Rule = (n) => [
  { elementType: dtype(n) ?? "int32", dims: [n.dims(0)?.[0] ?? null, sized(n, [n.int("sample_size", 1)])[0]!] },
];

/** A length given as a scalar input. */
function length(n: NodeView, input: number): Dim {
  const given = n.elements(input)?.[0] ?? null;
  if (typeof given === "number" && given < 0) n.fail(`asks for length ${given}`);
  return given ?? n.fresh();
}

const window: Rule = (n) => [{ elementType: elementTypeOf(n.int("output_datatype", 1)), dims: [length(n, 0)] }];

const mel: Rule = (n) => {
  const bins = addDims(floorHalf(length(n, 1)), 1);
  return [{ elementType: elementTypeOf(n.int("output_datatype", 1)), dims: [bins, length(n, 0)] }];
};

const floorHalf = (dim: Dim): Dim => (typeof dim === "number" ? Math.floor(dim / 2) : null);

const oneHot: Rule = (n) => {
  const dims = n.dims(0);
  const elementType = n.elementType(2);
  if (dims === undefined) return [{ elementType }];
  const axis = n.axis(n.int("axis", -1), dims.length + 1);
  return [{ elementType, dims: dims.toSpliced(axis, 0, length(n, 1)) }];
};

const affineGrid: Rule = (n) => {
  const wanted = freshShape(n, shapeInput(n, 1));
  if (wanted === undefined) return [{}];
  const [batch = null, , ...space] = wanted;
  return [{ dims: [batch, ...space, space.length] }];
};

const imageDecoder: Rule = (n) => [
  { elementType: "uint8", dims: [n.fresh(), n.fresh(), n.string("pixel_format", "RGB") === "Grayscale" ? 1 : 3] },
];

export const makers: Rules = {
  Constant: constant,
  ConstantOfShape: constantOfShape,
  ConstantFill: random,
  Range: range,
  RandomNormal: random,
  RandomUniform: random,
  RandomNormalLike: randomLike,
  RandomUniformLike: randomLike,
  EyeLike: eyeLike,
  Multinomial: multinomial,
  HannWindow: window,
  HammingWindow: window,
  BlackmanWindow: window,
  MelWeightMatrix: mel,
  OneHot: oneHot,
  AffineGrid: affineGrid,
  ImageDecoder: imageDecoder,
  NonMaxSuppression: (n) => [{ elementType: "int64", dims: [boxes(n), 3] }],
};

/** Every class of every batch may keep as many boxes as asked for, and no more than there are. */
function boxes(n: NodeView): Dim {
  const [batch = null, classes = null, count = null] = n.dims(1) ?? [];
  const most = n.has(2) ? (n.elements(2)?.[0] ?? null) : 0;
  const kept = typeof most === "number" && typeof count === "number" ? Math.min(most, count) : count;
  const all = mulDims(mulDims(batch, classes), kept);
  return all === null ? n.fresh() : n.fresh([all]);
}
