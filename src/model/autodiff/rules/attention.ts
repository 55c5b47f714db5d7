/** Attention as the operator's definition spells it out: Vaswani et al. 2017 (arXiv:1706.03762), eq. 1, with the options of opset 23–25. */
import { elementTypeOf } from "../../onnx/index.ts";
import { defineLowering } from "../define.ts";
import type { NodeContext } from "../define.ts";
import { range } from "../value.ts";
import type { Size, Value } from "../value.ts";

export const attention = defineLowering("Attention", (context) => {
  const { xs, ys, op, attrs, scope } = context;
  const [q, k, v, mask, pastKey, pastValue] = xs as [Value, Value, Value, Value?, Value?, Value?];
  const flat = op.rank(q) === 3;
  const heads = { q: attrs.int("q_num_heads", 0), kv: attrs.int("kv_num_heads", 0) };
  const query = flat ? byHead(context, q, heads.q) : q;
  const newKey = flat ? byHead(context, k, heads.kv) : k;
  const newValue = flat ? byHead(context, v, heads.kv) : v;
  const key = pastKey === undefined ? newKey : op.concat([pastKey, newKey], 2);
  const value = pastValue === undefined ? newValue : op.concat([pastValue, newValue], 2);
  const root = Math.sqrt(attrs.has("scale") ? attrs.float("scale", 1) : 1 / Math.sqrt(fixed(context, op.size(query, 3))));
  const allKeys = repeated(context, op.mul(key, root), op.size(query, 1));
  const raw = op.matMul(op.mul(query, root), op.matrixTranspose(allKeys));
  const cap = attrs.float("softcap", 0);
  const capped = cap > 0 ? op.mul(op.tanh(op.div(raw, cap)), cap) : raw;
  const bias = biasOf(context, { scores: capped, mask, past: pastKey === undefined ? 0 : op.size(pastKey, 2) });
  const biased = bias === undefined ? capped : op.add(capped, bias);
  const precision = elementTypeOf(attrs.int("softmax_precision", 0));
  const shares = op.cast(op.softmax(precision === undefined ? biased : op.cast(biased, precision), -1), value.type);
  // A query that may look nowhere gets nothing.
  const weights = bias === undefined ? shares : op.where(op.less(op.reduceMax(bias, [-1]), never(bias) / 2), 0, shares);
  const mixed = op.matMul(weights, repeated(context, value, op.size(query, 1)));
  const merged = op.transpose(mixed, [0, 2, 1, 3]);
  const result = flat
    ? op.reshape(merged, [op.size(merged, 0), op.size(merged, 1), op.product(op.size(merged, 2), op.size(merged, 3))])
    : mixed;
  const shown = [raw, scope.opset >= 24 ? capped : biased, scope.opset >= 24 ? biased : capped, weights][
    attrs.int("qk_matmul_output_mode", 0)
  ];
  return [result, ys[1] && key, ys[2] && value, ys[3] && shown];
});

/** [batch, places, heads · size] → [batch, heads, places, size] */
function byHead({ op }: NodeContext, x: Value, heads: number): Value {
  const [batch, places, hidden] = op.sizes(x);
  const size: Size = typeof hidden === "number" ? hidden / heads : { value: op.div(hidden!.value, heads), dim: null };
  return op.transpose(op.reshape(x, [batch!, places!, heads, size]), [0, 2, 1, 3]);
}

function fixed({ refuse }: NodeContext, size: Size): number {
  if (typeof size === "number") return size;
  throw refuse("the size of its heads is not known", "give the model's inputs fixed shapes");
}

/** Grouped queries: each head of keys and values serves several of queries (Ainslie et al. 2023, arXiv:2305.13245). */
function repeated(context: NodeContext, x: Value, queryHeads: Size): Value {
  const { op } = context;
  const [batch, heads, places, size] = op.sizes(x);
  const times = fixed(context, queryHeads) / fixed(context, heads!);
  if (times === 1) return x;
  const copies = op.expand(op.unsqueeze(x, [2]), [batch!, heads!, times, places!, size!]);
  return op.reshape(copies, [batch!, queryHeads, places!, size!]);
}

/** A score that no softmax notices. */
const never = ({ type }: Value): number => (type === "float16" ? -30_000 : -1e30);

interface Bias {
  readonly scores: Value;
  readonly mask: Value | undefined;
  /** How many keys lie before the first query. */
  readonly past: Size;
}

/** What is added to the scores: the mask, and a large negative number where a query must not look. */
function biasOf(context: NodeContext, { scores, mask, past }: Bias): Value | undefined {
  const { op, attrs, xs } = context;
  const parts: Value[] = [];
  const forbid = (condition: Value): Value => op.where(condition, op.scalar(scores.type, 0), never(scores));
  // Finite in place of −∞: a row of nothing else would be 0/0.
  if (mask !== undefined) parts.push(filled(op, mask.type === "bool" ? forbid(mask) : op.max(mask, never(scores)), scores));
  const row = op.unsqueeze(op.count(op.size(scores, 2)), [1]);
  const column = op.unsqueeze(op.count(op.size(scores, 3)), [0]);
  const position = typeof past === "number" ? op.add(row, past) : op.add(row, past.value);
  const [left, right] = [attrs.int("left_window_size", -1), attrs.int("right_window_size", -1)];
  const allowed: Value[] = [];
  if (attrs.int("is_causal", 0) === 1) allowed.push(op.lessOrEqual(column, position));
  if (left >= 0) allowed.push(op.greaterOrEqual(column, op.sub(position, left)));
  if (right >= 0) allowed.push(op.lessOrEqual(column, op.add(position, right)));
  if (xs[6] !== undefined) {
    if (attrs.int("is_causal", 0) === 1) throw context.refuse("causal attention over an external cache is not supported");
    allowed.push(op.less(op.count(op.size(scores, 3)), op.unsqueeze(xs[6], [1, 2, 3])));
  }
  for (const condition of allowed) parts.push(forbid(condition));
  return parts.length === 0 ? undefined : parts.reduce((a, b) => op.add(a, b));
}

/** A mask may be shorter than there are keys: the rest is not to be looked at. */
function filled(op: NodeContext["op"], mask: Value, scores: Value): Value {
  const [have, want] = [mask.dims?.at(-1), scores.dims?.at(-1)];
  if (typeof have !== "number" || typeof want !== "number" || have === 1 || have >= want) return mask;
  const rank = op.rank(mask);
  const after = range(rank).map((axis) => (axis === rank - 1 ? want - have : 0));
  return op.pad(
    mask,
    range(rank).map(() => 0),
    after,
    never(scores),
  );
}

/** Su et al. 2021 (arXiv:2104.09864): pairs of features turned by an angle that grows with the position. */
export const rotaryEmbedding = defineLowering("RotaryEmbedding", (context) => {
  const { xs, op, attrs } = context;
  const [x, cosines, sines, positions] = xs as [Value, Value, Value, Value | undefined];
  const flat = op.rank(x) === 3;
  const input = flat ? op.reshape(x, splitHeads(context, x, attrs.int("num_heads", 0))) : op.transpose(x, [0, 2, 1, 3]);
  const size = fixed(context, op.size(input, 3));
  const turned = attrs.int("rotary_embedding_dim", 0) || size;
  const interleaved = attrs.int("interleaved", 0) === 1;
  const angles = (cache: Value): Value => op.unsqueeze(positions === undefined ? cache : op.gather(cache, positions, 0), [2]);
  const [cos, sin] = [angles(cosines), angles(sines)];
  const part = (start: number, end: number, step = 1): Value => op.slice(input, [{ axis: 3, start, end, step }]);
  const first = interleaved ? part(0, turned, 2) : part(0, turned / 2);
  const second = interleaved ? part(1, turned, 2) : part(turned / 2, turned);
  const real = op.sub(op.mul(cos, first), op.mul(sin, second));
  const imaginary = op.add(op.mul(sin, first), op.mul(cos, second));
  const joined = interleaved
    ? op.reshape(op.concat([op.unsqueeze(real, [4]), op.unsqueeze(imaginary, [4])], 4), [...op.sizes(input).slice(0, 3), turned])
    : op.concat([real, imaginary], 3);
  const whole = turned === size ? joined : op.concat([joined, part(turned, size)], 3);
  return [flat ? op.reshapeLike(whole, x) : op.transpose(whole, [0, 2, 1, 3])];
});

function splitHeads({ op }: NodeContext, x: Value, heads: number): Size[] {
  const [batch, places, hidden] = op.sizes(x);
  return [
    batch!,
    places!,
    heads,
    typeof hidden === "number" ? hidden / heads : { value: op.div(hidden!.value, heads), dim: null },
  ];
}
