/**
 * Interval bounds: a middle and a radius for each number, passed through the model node by node (Gowal et al. 2018, arXiv:1810.12715, eqs. 6 to 8).
 * Cheap and loose; tight on models that were trained for it.
 */
import type { Part, Values } from "./parts.ts";

/** Bounds of a value, rows of numbers. */
export interface Bounded {
  readonly low: Values;
  readonly high: Values;
}

/** Bounds of the output over the box from `low` to `high`, for all rows at once. */
export async function intervalBounds(parts: readonly Part[], input: string, box: Bounded, output: string): Promise<Bounded> {
  const known = new Map<string, Bounded>([[input, box]]);
  for (const part of parts) {
    const from = part.inputs.map((name) => known.get(name)!);
    known.set(part.output, await (part.kind === "affine" ? affine(part, from) : rising(part, from)));
  }
  return known.get(output)!;
}

async function affine(part: Part, from: readonly Bounded[]): Promise<Bounded> {
  const middle = await part.ask(from.map(({ low, high }) => zip(low, high, (l, u) => (l + u) / 2)));
  const radii = from.map(({ low, high }) => zip(low, high, (l, u) => (u - l) / 2));
  const still = from.map(({ low }) => ({ ...low, data: new Float32Array(low.data.length) }));
  // f(r) − f(0) with factors by their size is how a radius passes; what the node adds falls out.
  const [moved, rest] = [await part.ask(radii, true), await part.ask(still, true)];
  const radius = zip(moved, rest, (a, b) => Math.abs(a - b));
  return { low: zip(middle, radius, (c, r) => c - r), high: zip(middle, radius, (c, r) => c + r) };
}

const rising = async (part: Part, from: readonly Bounded[]): Promise<Bounded> => ({
  low: await part.ask(from.map(({ low }) => low)),
  high: await part.ask(from.map(({ high }) => high)),
});

const zip = (a: Values, b: Values, of: (x: number, y: number) => number): Values => ({
  ...a,
  data: a.data.map((value, i) => of(value, b.data[i]!)),
});
