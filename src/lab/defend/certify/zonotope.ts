/**
 * Zonotope bounds: every number is a middle plus a sum of generators that all numbers share, so what cancels is seen to cancel (Singh et al. 2018,
 * "Fast and effective robustness certification", section 4). One example at a time; each rectifier that may be on or off adds a generator.
 */
import { unsupported } from "../refuse.ts";
import { intervalBounds } from "./interval.ts";
import type { Part, Values } from "./parts.ts";

/** A set of values of one example: middle ± generators, rows of `generators`. */
export interface Zonotope {
  readonly middle: Float32Array;
  readonly generators: Float32Array;
  readonly count: number;
  readonly dims: readonly number[];
}

/** Numbers in generators at once: 1 GiB. */
const most = 2 ** 28;

/** The box from `low` to `high`, a generator for each number that can move. */
export function boxOf(low: Float32Array, high: Float32Array, dims: readonly number[]): Zonotope {
  const radii = high.map((value, i) => (value - low[i]!) / 2);
  const moving = [...radii.keys()].filter((i) => radii[i]! > 0);
  const generators = new Float32Array(moving.length * radii.length);
  moving.forEach((place, g) => (generators[g * radii.length + place] = radii[place]!));
  return { middle: high.map((value, i) => (value + low[i]!) / 2), generators, count: moving.length, dims };
}

/** How far each number can be from the middle. */
export function reach({ generators, count, middle }: Zonotope): Float64Array {
  const total = new Float64Array(middle.length);
  for (let g = 0, at = 0; g < count; g++) for (let i = 0; i < middle.length; i++) total[i]! += Math.abs(generators[at++]!);
  return total;
}

/** The output over a set of inputs. @throws defend/unsupported-model when it would not fit in memory */
export async function zonotopeBounds(parts: readonly Part[], input: string, set: Zonotope, output: string): Promise<Zonotope> {
  const known = new Map<string, Zonotope>([[input, set]]);
  let used = set.count;
  for (const part of parts) {
    // Generators are shared by their places: a value that has fewer has none of the later ones.
    const from = part.inputs.map((name) => known.get(name)!);
    const made = await (part.kind === "affine"
      ? affine(part, from)
      : part.kind === "relu"
        ? relu(from[0]!, used)
        : hull(part, from[0]!, used));
    if (made.count * made.middle.length > most)
      throw unsupported("the model is too large for zonotopes", "`--method interval` takes it, and is less tight");
    known.set(part.output, made);
    used = Math.max(used, made.count);
  }
  return known.get(output)!;
}

/** Middle, generators and nothing as one batch: f(g) − f(0) is the linear part, whatever the node adds. */
async function affine(part: Part, from: readonly Zonotope[]): Promise<Zonotope> {
  const count = Math.max(...from.map((one) => one.count));
  const stacked = from.map(({ middle, generators, dims }): Values => {
    const data = new Float32Array((count + 2) * middle.length);
    data.set(middle);
    data.set(generators, 2 * middle.length);
    return { count: count + 2, dims, data };
  });
  const { data, dims } = await part.ask(stacked);
  const size = data.length / (count + 2);
  const generators = data.slice(2 * size);
  for (let at = 0, i = size; at < generators.length; at++, i = i + 1 === 2 * size ? size : i + 1) generators[at]! -= data[i]!;
  return { middle: data.slice(0, size), generators, count, dims };
}

/** λx + μ ± μ where the sign is open, with λ = u / (u − l) and μ = −λl / 2: the least area (theorem 3.1). */
function relu(from: Zonotope, used: number): Zonotope {
  const { middle, dims } = from;
  const size = middle.length;
  const far = reach(from);
  const open = [...middle.keys()].filter((i) => middle[i]! - far[i]! < 0 && middle[i]! + far[i]! > 0);
  const made = { middle: new Float32Array(size), generators: widened(from, used + open.length), count: used + open.length, dims };
  const slopes = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const [low, high] = [middle[i]! - far[i]!, middle[i]! + far[i]!];
    slopes[i] = low >= 0 ? 1 : high <= 0 ? 0 : high / (high - low);
    made.middle[i] = slopes[i]! * middle[i]!;
  }
  for (let g = 0, at = 0; g < from.count; g++) for (let i = 0; i < size; i++) made.generators[at++]! *= slopes[i]!;
  open.forEach((i, n) => {
    const half = (-slopes[i]! * (middle[i]! - far[i]!)) / 2;
    made.middle[i]! += half;
    made.generators[(used + n) * size + i] = half;
  });
  return made;
}

/** What is known only by its ends: a box of new generators, cut loose from the old ones. */
async function hull(part: Part, from: Zonotope, used: number): Promise<Zonotope> {
  const far = reach(from);
  const at = (sign: number): Values => ({
    count: 1,
    dims: from.dims,
    data: from.middle.map((value, i) => value + sign * far[i]!),
  });
  const { low, high } = await intervalBounds([part], part.inputs[0]!, { low: at(-1), high: at(1) }, part.output);
  const box = boxOf(low.data, high.data, low.dims);
  const generators = new Float32Array((used + box.count) * box.middle.length);
  generators.set(box.generators, used * box.middle.length);
  return { ...box, generators, count: used + box.count };
}

function widened({ generators, middle }: Zonotope, count: number): Float32Array {
  const wide = new Float32Array(count * middle.length);
  wide.set(generators);
  return wide;
}
