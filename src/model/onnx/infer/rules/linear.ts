/** Products: MatMul, Gemm, Einsum, and attention. */
import { divideExactly, mulDims, addDims } from "../../dim.ts";
import type { Dim } from "../../graph.ts";
import { elementTypeOf } from "../../tensor.ts";
import { broadcastDims } from "../broadcast.ts";
import type { NodeView, Rule, Rules } from "../node-view.ts";
import { agree } from "./shape.ts";

function matmulDims(n: NodeView, a: readonly Dim[] | undefined, b: readonly Dim[] | undefined): readonly Dim[] | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a.length === 0 || b.length === 0) n.fail("multiplies a scalar");
  const left = a.length === 1 ? [1, a[0]!] : a;
  const right = b.length === 1 ? [b[0]!, 1] : b;
  agree(n, left.at(-1)!, right.at(-2)!);
  const batch = broadcastDims(n, [left.slice(0, -2), right.slice(0, -2)])!;
  return [...batch, ...(a.length === 1 ? [] : [left.at(-2)!]), ...(b.length === 1 ? [] : [right.at(-1)!])];
}

const gemm: Rule = (n) => {
  const [a, b] = [n.dims(0), n.dims(1)];
  if (a === undefined || b === undefined) return [{ dims: [null, null] }];
  if (a.length !== 2 || b.length !== 2) n.fail(`multiplies ranks ${a.length} and ${b.length}, not matrices`);
  const [rows, inner] = n.int("transA", 0) === 0 ? [a[0]!, a[1]!] : [a[1]!, a[0]!];
  const [outer, columns] = n.int("transB", 0) === 0 ? [b[0]!, b[1]!] : [b[1]!, b[0]!];
  agree(n, inner, outer);
  return [{ dims: [rows, columns] }];
};

/** A subscript of Einsum: letters, and `…` for the broadcast axes. */
const einsum: Rule = (n) => {
  const equation = n.string("equation", "").replaceAll(/\s/g, "");
  const [left = "", right] = equation.split("->");
  const terms = left.split(",");
  if (terms.length !== n.inputs.length)
    n.fail(`equation ${equation.slice(0, 80)} has ${terms.length} terms for ${n.inputs.length} inputs`);
  const sizes = new Map<string, Dim>();
  let ellipsis: readonly Dim[] = [];
  for (const [i, term] of terms.entries()) {
    const dims = n.dims(i);
    if (dims === undefined) return [{}];
    const [before = "", after] = term.split("...");
    const letters = [...before, ...(after ?? "")];
    const spare = dims.length - letters.length;
    if (after === undefined ? spare !== 0 : spare < 0) n.fail(`term ${term.slice(0, 80)} does not fit rank ${dims.length}`);
    const middle = dims.slice(before.length, before.length + spare);
    ellipsis = broadcastDims(n, [ellipsis, middle])!;
    const rest = [...dims.slice(0, before.length), ...dims.slice(before.length + spare)];
    for (const [k, letter] of letters.entries()) {
      const size = sizes.get(letter);
      // A letter of size 1 broadcasts, as in ONNX Runtime and NumPy's optimised paths.
      sizes.set(letter, size === undefined || size === 1 ? rest[k]! : rest[k] === 1 ? size : agree(n, size, rest[k]!));
    }
  }
  return [{ dims: einsumOutput(n, right ?? implicitOutput(left), sizes, ellipsis) }];
};

/** Without `->`: the ellipsis, then the letters that appear once, in order. */
function implicitOutput(left: string): string {
  const letters = [...left.replaceAll(/[.,]/g, "")];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort();
  return (left.includes("...") ? "..." : "") + once.join("");
}

function einsumOutput(n: NodeView, right: string, sizes: ReadonlyMap<string, Dim>, ellipsis: readonly Dim[]): Dim[] {
  const [before = "", after] = right.split("...");
  const size = (letter: string): Dim =>
    sizes.get(letter) ?? (sizes.has(letter) ? null : n.fail(`output letter ${letter} is in no term`));
  return [...[...before].map(size), ...(after === undefined ? [] : ellipsis), ...[...(after ?? "")].map(size)];
}

const det: Rule = (n) => [{ dims: n.dims(0)?.slice(0, -2) }];

/** Attention of opset 23 and later: [batch, heads, length, size], or [batch, length, heads × size] with the head counts as attributes. */
const attention: Rule = (n) => {
  const [q, k, v] = [n.dims(0), n.dims(1), n.dims(2)];
  if (q === undefined || k === undefined || v === undefined) return [{}, {}, {}, {}];
  for (const { length } of [q, k, v]) if (length !== 3 && length !== 4) n.fail(`takes rank 3 or 4, got ${length}`);
  const heads = q.length === 4 ? q[1]! : n.int("q_num_heads", 1);
  const kvHeads = k.length === 4 ? k[1]! : n.int("kv_num_heads", 1);
  const size = (dims: readonly Dim[], count: Dim): Dim => (dims.length === 4 ? dims[3]! : divideExactly(dims[2]!, count));
  const pastLength = n.dims(4)?.[2] ?? (n.has(4) ? null : 0);
  const total = addDims(pastLength, k.at(-2)!);
  const valueSize = size(v, kvHeads);
  const batch = q[0]!;
  const length = q.at(-2)!;
  return [
    { dims: q.length === 4 ? [batch, heads, length, valueSize] : [batch, length, mulDims(heads, valueSize)] },
    { dims: [batch, kvHeads, total, size(k, kvHeads)] },
    { dims: [batch, kvHeads, total, valueSize] },
    { dims: [batch, heads, length, total] },
  ];
};

export const linear: Rules = {
  MatMul: (n) => [{ dims: matmulDims(n, n.dims(0), n.dims(1)) }],
  MatMulInteger: (n) => [{ elementType: "int32", dims: matmulDims(n, n.dims(0), n.dims(1)) }],
  QLinearMatMul: (n) => [{ elementType: n.elementType(7), dims: matmulDims(n, n.dims(0), n.dims(3)) }],
  Gemm: gemm,
  Einsum: einsum,
  Det: det,
  Attention: attention,
  SwiGLU: (n) => [{ dims: n.dims(0) }],
  DequantizeLinear: (n) => [{ elementType: elementTypeOf(n.int("output_dtype", 0)) ?? n.elementType(1), dims: n.dims(0) }],
  QuantizeLinear: (n) => [
    { elementType: elementTypeOf(n.int("output_dtype", 0)) ?? (n.has(2) ? n.elementType(2) : "uint8"), dims: n.dims(0) },
  ],
  DynamicQuantizeLinear: (n) => [
    { elementType: "uint8", dims: n.dims(0) },
    { elementType: "float32", dims: [] },
    { elementType: "uint8", dims: [] },
  ],
};
