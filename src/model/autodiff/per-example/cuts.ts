/** Which places a node cuts out of a parameter, or puts it into. */
import type { GradientContext } from "../define.ts";
import type { RuleDefinition } from "../registry.ts";
import { axisOf, isFixed, range } from "../value.ts";
import type { Step } from "./contribution.ts";

/** A node between parameters and their use. */
export interface Pulled {
  /** Without gradients: those are the contributions'. */
  readonly context: GradientContext;
  readonly rule: Extract<RuleDefinition, { kind: "gradient" }>;
  readonly output: number;
  readonly input: number;
}

/** What a Split or a Slice cuts out, where the graph says so and nothing is skipped. */
export function cutOf({ context: { node, xs, ys, attrs, op, numbers }, output }: Pulled): Step["cut"] {
  const x = xs[0]!;
  const rank = op.rank(x);
  if (node.op === "Split") {
    const axis = axisOf(attrs.int("axis", 0), rank);
    const lengths = ys.map((y) => y?.dims?.[axis]);
    if (!lengths.every((length) => typeof length === "number")) return undefined;
    const start = lengths.slice(0, output).reduce((a, b) => a + b, 0);
    return new Map([[axis, [start, start + lengths[output]!]]]);
  }
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map((at) => numbers(xs[at]));
  if (starts === undefined || ends === undefined || (xs[3] !== undefined && axes === undefined)) return undefined;
  if (xs[4] !== undefined && !(steps?.every((step) => step === 1) ?? false)) return undefined;
  const cut = new Map<number, readonly [number, number]>();
  for (const [i, given] of (axes ?? range(starts.length)).entries()) {
    const size = x.dims?.[axisOf(given, rank)];
    if (typeof size !== "number") return undefined;
    const place = (at: number): number => Math.min(Math.max(at < 0 ? at + size : at, 0), size);
    cut.set(axisOf(given, rank), [place(starts[i]!), place(ends[i]!)]);
  }
  return cut;
}

/** Where a Concat or a Pad with zeros has put its input. */
export function partOf({ context: { node, xs, attrs, op, numbers }, input }: Pulled): Step["cut"] {
  const x = xs[input]!;
  if (node.op === "Concat") {
    const axis = axisOf(attrs.int("axis", 0), op.rank(x));
    const lengths = xs.map((one) => one?.dims?.[axis]);
    if (!lengths.every((length) => typeof length === "number")) return undefined;
    const start = lengths.slice(0, input).reduce((a, b) => a + b, 0);
    return new Map([[axis, [start, start + lengths[input]!]]]);
  }
  const pads = numbers(xs[1]);
  const plain = attrs.string("mode", "constant") === "constant" && xs[3] === undefined && pads?.every((pad) => pad >= 0);
  if (input !== 0 || !plain || !isFixed(x.dims)) return undefined;
  return new Map(x.dims.map((size, axis) => [axis, [pads![axis]!, pads![axis]! + size]]));
}
