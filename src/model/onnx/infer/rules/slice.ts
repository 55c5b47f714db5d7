/** Operators that take parts of tensors or add to their edges. */
import { addDims, ceilDiv, mulDims, subDims } from "../../dim.ts";
import type { Dim } from "../../graph.ts";
import type { NodeView, Rule, Rules } from "../node-view.ts";

import { asked, freshShape } from "./shape.ts";

const split: Rule = (n) => {
  const dims = n.dims(0);
  const count = n.node.outputs.length;
  if (dims === undefined) return [];
  const axis = n.axis(n.int("axis", 0), dims.length);
  const length = dims[axis]!;
  const parts = splitSizes(n, length, count);
  const elements = dims.length === 1 ? n.elements(0) : undefined;
  let at = 0;
  return parts.map((part) => {
    const from = at;
    at += typeof part === "number" ? part : Number.NaN;
    return { dims: dims.with(axis, part), elements: Number.isNaN(at) ? undefined : elements?.slice(from, at) };
  });
};

function splitSizes(n: NodeView, length: Dim, count: number): readonly Dim[] {
  const sizes = n.numbers("split", 1);
  if (sizes === "unknown") return Array.from({ length: count }, () => (length === null ? null : n.fresh([length])));
  if (sizes !== undefined) {
    const sum = sizes.reduce((a, b) => a + b, 0);
    if (sizes.length !== count || sizes.some((one) => one < 0)) n.fail(`splits into [${sizes.join(",")}] for ${count} outputs`);
    if (typeof length === "number" && sum !== length) n.fail(`splits ${length} entries into [${sizes.join(",")}]`);
    return sizes;
  }
  // Equal parts, the last one smaller when they do not come out even (opset 18).
  const part = ceilDiv(length, n.int("num_outputs", count));
  return Array.from({ length: count }, (_, i) => (i < count - 1 ? part : subDims(length, mulDims(part, count - 1))));
}

const slice: Rule = (n) => {
  const dims = n.dims(0);
  const starts = n.opset < 10 ? n.ints("starts", []) : n.elements(1);
  const ends = n.opset < 10 ? n.ints("ends", []) : n.elements(2);
  const axes = n.numbers("axes", 3);
  const steps = n.has(4) ? n.elements(4) : starts?.map(() => 1);
  if (dims === undefined) return [{}];
  if (starts === undefined || ends === undefined || axes === "unknown" || steps === undefined) {
    return [{ dims: dims.map((dim) => (dim === null ? null : n.fresh([dim]))) }];
  }
  const result = [...dims];
  const ranges = new Map<number, Range>();
  for (const [i, start] of starts.entries()) {
    const axis = n.axis(axes?.[i] ?? i, dims.length);
    const range = { start, end: ends[i] ?? null, step: steps[i] ?? null };
    ranges.set(axis, range);
    result[axis] = sliced(n, dims[axis]!, range);
  }
  return [{ dims: result, elements: slicedElements(n, ranges) }];
};

function sliced(n: NodeView, dim: Dim, { start, end, step }: Range): Dim {
  if (step === 0) n.fail("slices with step 0");
  if (typeof dim === "number" && typeof start === "number" && typeof end === "number" && typeof step === "number") {
    const [from, to] = clampRange(dim, { start, end, step });
    return Math.max(0, Math.ceil((to - from) / step));
  }
  // From the start to beyond any size, by whole steps: all of it.
  const toEnd = typeof end === "number" && end >= 2 ** 31 - 1;
  if (start === 0 && step === 1 && (toEnd || end === dim)) return dim;
  if (typeof start === "number" && start > 0 && step === 1 && (toEnd || end === dim)) return boundedSub(n, dim, start);
  if (start === 0 && step === 1 && typeof end === "number" && end < 0) return boundedSub(n, dim, -end);
  // [-k:] takes the last k where there are that many.
  if (typeof start === "number" && start < 0 && step === 1 && toEnd) return n.fresh([-start]);
  if (typeof start === "number" && typeof end === "number" && start >= 0 && end >= 0 && typeof step === "number" && step > 0) {
    return n.fresh([Math.max(0, Math.ceil((end - start) / step))]);
  }
  // A symbolic end is taken at its word: exporters compute it from the shape it slices.
  if (step === 1 && typeof end === "string" && start !== null && end !== null) return subDims(end, start);
  return dim === null ? null : n.fresh([dim]);
}

/** dim − k, which is not below zero when the graph is run on sizes it accepts. */
const boundedSub = (_n: NodeView, dim: Dim, k: number): Dim => subDims(dim, k);

function clampRange(dim: number, { start, end, step }: { start: number; end: number; step: number }): [number, number] {
  const wrap = (at: number): number => (at < 0 ? at + dim : at);
  const [low, high] = step > 0 ? [0, dim] : [-1, dim - 1];
  const clamp = (at: number): number => Math.min(high, Math.max(low, at));
  return [clamp(step > 0 ? wrap(start) : Math.min(wrap(start), dim - 1)), clamp(wrap(end))];
}

type Range = { readonly start: Dim; readonly end: Dim; readonly step: Dim };

/** The elements that remain, of any rank: exporters reverse a matrix of pads, one row an axis, to bring it into ONNX's order. */
function slicedElements(n: NodeView, ranges: ReadonlyMap<number, Range>): readonly Dim[] | undefined {
  const elements = n.elements(0);
  const dims = n.dims(0);
  if (elements === undefined || dims === undefined) return undefined;
  let positions: readonly number[] = [0];
  for (const [axis, dim] of dims.entries()) {
    const kept = typeof dim === "number" ? keptPositions(dim, ranges.get(axis)) : undefined;
    if (kept === undefined) return undefined;
    positions = positions.flatMap((outer) => kept.map((at) => outer * (dim as number) + at));
  }
  return positions.map((at) => elements[at]!);
}

function keptPositions(dim: number, range: Range | undefined): readonly number[] | undefined {
  if (range === undefined) return Array.from({ length: dim }, (_, at) => at);
  const { start, end, step } = range;
  if (typeof start !== "number" || typeof end !== "number" || typeof step !== "number") return undefined;
  const [from, to] = clampRange(dim, { start, end, step });
  const kept: number[] = [];
  for (let at = from; step > 0 ? at < to : at > to; at += step) kept.push(at);
  return kept;
}

const pad: Rule = (n) => {
  const dims = n.dims(0);
  if (dims === undefined) return [{}];
  const pads = n.ints("pads", undefined) ?? n.ints("paddings", undefined) ?? (n.opset >= 11 ? n.elements(1) : undefined);
  const axes = n.numbers("axes", 3);
  if (pads === undefined || axes === "unknown") return [{ dims: freshShape(n, n.unknownDims(dims.length)) }];
  const targets = axes === undefined ? dims.map((_, i) => i) : axes.map((axis) => n.axis(axis, dims.length));
  if (pads.length !== 2 * targets.length) n.fail(`has ${pads.length} pads for ${targets.length} axes`);
  const result = [...dims];
  for (const [i, axis] of targets.entries()) {
    const padded = addDims(addDims(dims[axis]!, pads[i]!), pads[i + targets.length]!);
    if (typeof padded === "number" && padded < 0) n.fail(`pads axis ${axis} to ${padded}`);
    result[axis] = padded === null && dims[axis] !== null ? n.fresh() : padded;
  }
  return [{ dims: result }];
};

const centerCropPad: Rule = (n) => {
  const dims = n.dims(0);
  const wanted = asked(n, 1);
  if (dims === undefined) return [{}];
  const axes = n.ints("axes", undefined)?.map((axis) => n.axis(axis, dims.length)) ?? dims.map((_, i) => i);
  const known = freshShape(n, wanted);
  return [{ dims: dims.map((dim, i) => (axes.includes(i) ? (known?.[axes.indexOf(i)] ?? null) : dim)) }];
};

export const slices: Rules = {
  Split: split,
  Slice: slice,
  Pad: pad,
  CenterCropPad: centerCropPad,
};
