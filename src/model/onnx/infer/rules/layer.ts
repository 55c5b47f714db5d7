/** Normalisations with several outputs, recurrent layers, Fourier transforms, text. */
import { addDims, floorDiv, mulDims, subDims } from "../../dim.ts";
import type { Dim } from "../../graph.ts";
import { elementTypeOf } from "../../tensor.ts";
import type { NodeView, Rule, Rules } from "../node-view.ts";

const batchNorm: Rule = (n) => {
  const dims = n.dims(0);
  const channels = [dims?.[1] ?? n.dims(1)?.[0] ?? null];
  const inner = { dims: channels, elementType: n.elementType(3) };
  return [{ dims }, inner, inner, inner, inner];
};

const layerNorm: Rule = (n) => {
  const dims = n.dims(0);
  const axis = dims === undefined ? 0 : n.axis(n.int("axis", -1), dims.length);
  const statistics = { elementType: elementTypeOf(n.int("stash_type", 1)), dims: dims?.map((dim, i) => (i >= axis ? 1 : dim)) };
  return [{ dims }, statistics, statistics];
};

const recurrent: Rule = (n) => {
  const x = n.dims(0);
  if (x !== undefined && x.length !== 3) n.fail(`takes rank 3, got ${x.length}`);
  const directions = n.string("direction", "forward") === "bidirectional" ? 2 : 1;
  const size = n.int("hidden_size", undefined) ?? n.dims(2)?.[2] ?? null;
  const batchFirst = n.int("layout", 0) === 1;
  const [length, batch] = batchFirst ? [x?.[1] ?? null, x?.[0] ?? null] : [x?.[0] ?? null, x?.[1] ?? null];
  const state = { dims: batchFirst ? [batch, directions, size] : [directions, batch, size] };
  const all = { dims: batchFirst ? [batch, length, directions, size] : [length, directions, batch, size] };
  return [all, state, state];
};

const dft: Rule = (n) => {
  const dims = n.dims(0);
  if (dims === undefined) return [{}];
  const oneSided = n.int("onesided", 0) === 1;
  const inverse = n.int("inverse", 0) === 1;
  const given = n.opset >= 20 ? (n.has(2) ? n.elements(2)?.[0] : -2) : n.int("axis", 1);
  if (typeof given !== "number") {
    // Whichever axis it is, a whole spectrum of the whole signal keeps its size.
    const whole = !n.has(1) && !oneSided;
    return [{ dims: (whole ? dims : n.unknownDims(dims.length)).toSpliced(-1, 1, oneSided && inverse ? 1 : 2) }];
  }
  const axis = n.axis(given, dims.length);
  // Half a spectrum of b bins comes from an even number of samples, 2 (b − 1), unless the length is given.
  const natural = oneSided && inverse ? mulDims(2, subDims(dims[axis]!, 1)) : dims[axis]!;
  const length = n.has(1) ? (n.elements(1)?.[0] ?? n.fresh()) : natural;
  const bins = oneSided && !inverse ? half(length) : length;
  return [{ dims: dims.with(axis, bins).toSpliced(-1, 1, oneSided && inverse ? 1 : 2) }];
};

const half = (length: Dim): Dim => addDims(floorDiv(length, 2), 1);

const stft: Rule = (n) => {
  const signal = n.dims(0);
  const step = n.elements(1)?.[0] ?? null;
  const frame = n.has(3) ? (n.elements(3)?.[0] ?? null) : (n.dims(2)?.[0] ?? null);
  const frames = addDims(floorDiv(subDims(signal?.[1] ?? null, frame), step), 1);
  const bins = n.int("onesided", 1) === 1 ? half(frame) : frame;
  return [{ dims: [signal?.[0] ?? null, frames ?? n.fresh(), bins ?? n.fresh(), 2] }];
};

const stringSplit: Rule = (n) => {
  const dims = n.dims(0);
  return [
    { elementType: "string", dims: dims === undefined ? undefined : [...dims, n.fresh()] },
    { elementType: "int64", dims },
  ];
};

const stringNormalizer: Rule = (n) => {
  const dims = n.dims(0);
  const stops = n.node.attributes.has("stopwords");
  const length = dims?.at(-1) ?? null;
  const left = stops ? (length === null ? n.fresh() : n.fresh([length, 1])) : length;
  return [{ elementType: "string", dims: dims?.toSpliced(-1, 1, left) }];
};

const tfIdf: Rule = (n) => {
  const dims = n.dims(0);
  const width = Math.max(-1, ...n.ints("ngram_indexes", [])) + 1;
  return [{ elementType: "float32", dims: dims === undefined ? undefined : [...dims.slice(0, -1), width] }];
};

const sameWithState = (n: NodeView): Dim[] | undefined => n.dims(0)?.slice();

export const layers: Rules = {
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  DFT: dft,
  STFT: stft,
  StringSplit: stringSplit,
  StringNormalizer: stringNormalizer,
  TfIdfVectorizer: tfIdf,
  CausalConvWithState: (n) => [{ dims: sameWithState(n) }, { dims: causalState(n) }],
  LinearAttention: (n) => [
    { dims: queryShape(n) },
    { dims: attentionState(n), elementType: n.elementType(3) ?? n.elementType(0) },
  ],
};

/** The last k − 1 inputs of each channel. */
function causalState(n: NodeView): Dim[] | undefined {
  const [x, weights] = [n.dims(0), n.dims(1)];
  if (x === undefined || weights === undefined) return undefined;
  return [x[0] ?? null, x[1] ?? null, ...weights.slice(2).map((kernel) => subDims(kernel, 1))];
}

/** [batch, heads of keys and values, size of a key, size of a value] */
function attentionState(n: NodeView): Dim[] | undefined {
  const [key, value] = [n.dims(1), n.dims(2)];
  if (key?.length !== 3 || value?.length !== 3) return n.dims(3)?.slice();
  const heads = n.int("kv_num_heads", 1);
  return [key[0]!, heads, floorDiv(key[2]!, heads), floorDiv(value[2]!, heads)];
}

function queryShape(n: NodeView): Dim[] | undefined {
  const [query, value] = [n.dims(0), n.dims(2)];
  if (query === undefined || value === undefined || query.length !== 3) return undefined;
  const size = floorDiv(value[2] ?? null, n.int("kv_num_heads", 1));
  return [query[0]!, query[1]!, mulDims(size, n.int("q_num_heads", 1))];
}
