/**
 * Balls of each norm around an example, cut with the bounds of its numbers: distance, projection, random points. All on one row at a time,
 * `at` numbers into the arrays.
 */
import type { Seeded } from "../../base/math/index.ts";
import { laplace, normal, uniform } from "./noise.ts";
import type { Norm } from "./threat.ts";

/** The set a candidate must lie in, but for the radius. */
export interface Room {
  readonly norm: Norm;
  readonly rowSize: number;
  /** One for each number of a row. */
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** Weights on the change of each number, where changes cost differently. */
  readonly costs?: Float32Array | undefined;
  /** 1 for each number that stays as it is, where there are any. */
  readonly fixed?: Uint8Array | undefined;
}

/** The distance of two rows. Summed in double precision. */
export function distance(room: Room, x: Float32Array, origin: Float32Array, at: { x: number; origin: number }): number {
  const { norm, rowSize, costs } = room;
  let total = 0;
  for (let i = 0; i < rowSize; i++) {
    const raw = Math.abs(x[at.x + i]! - origin[at.origin + i]!);
    const change = costs === undefined ? raw : raw * costs[i]!;
    // NaN passes no comparison: a candidate that holds one is infinitely far away.
    if (change !== change) return Number.POSITIVE_INFINITY;
    if (norm === "linf") total = Math.max(total, change);
    else if (norm === "l2") total += change * change;
    else if (norm === "l1") total += change;
    else if (change !== 0) total += 1;
  }
  return norm === "l2" ? Math.sqrt(total) : total;
}

/** Puts every number of a row between its bounds; a NaN becomes the number it was made of. */
export function clip(room: Room, x: Float32Array, origin: Float32Array, at: { x: number; origin: number }): void {
  const { rowSize, low, high } = room;
  for (let i = 0; i < rowSize; i++) {
    const value = x[at.x + i]!;
    x[at.x + i] = value !== value ? origin[at.origin + i]! : value < low[i]! ? low[i]! : value > high[i]! ? high[i]! : value;
  }
}

/** Moves a row to a point of the ball that lies between the bounds: the nearest one for linf, l1 and l0; for l2 by scaling, then clipping. */
export function project(
  room: Room,
  x: Float32Array,
  origin: Float32Array,
  at: { x: number; origin: number; epsilon: number },
): void {
  if (room.norm === "linf") return projectLinf(room, x, origin, at);
  if (room.norm === "l1") {
    clipNaN(room, x, origin, at);
    return projectL1(room, x, origin, at);
  }
  clip(room, x, origin, at);
  if (room.norm === "l2") return projectL2(room, x, origin, at);
  projectL0(room, x, origin, at);
}

type At = { readonly x: number; readonly origin: number; readonly epsilon: number };

function projectLinf({ rowSize, low, high, costs }: Room, x: Float32Array, origin: Float32Array, at: At): void {
  for (let i = 0; i < rowSize; i++) {
    const from = origin[at.origin + i]!;
    const radius = costs === undefined ? at.epsilon : at.epsilon / costs[i]!;
    const value = x[at.x + i]!;
    const least = from - radius;
    const most = from + radius;
    let next = value !== value ? from : value < least ? least : value > most ? most : value;
    next = next < low[i]! ? low[i]! : next > high[i]! ? high[i]! : next;
    x[at.x + i] = next;
  }
}

function projectL2(room: Room, x: Float32Array, origin: Float32Array, at: At): void {
  const far = distance(room, x, origin, at);
  if (far <= at.epsilon) return;
  const scale = at.epsilon / far;
  for (let i = 0; i < room.rowSize; i++) {
    const from = origin[at.origin + i]!;
    x[at.x + i] = from + (x[at.x + i]! - from) * scale;
  }
  // Rounding to float32 may move a number past its bound by one unit in the last place.
  clip(room, x, origin, at);
}

function clipNaN({ rowSize }: Room, x: Float32Array, origin: Float32Array, at: At): void {
  for (let i = 0; i < rowSize; i++) if (x[at.x + i]! !== x[at.x + i]!) x[at.x + i] = origin[at.origin + i]!;
}

/**
 * The nearest point of the l1 ball cut with the box (Croce and Hein 2021, arXiv:2103.01208, prop. 2.1): each change shrinks by one λ, then is
 * clipped. The length left is convex and falls in λ, so Newton's method from 0 comes to the right λ from below, kink by kink.
 */
function projectL1({ rowSize, low, high, costs }: Room, x: Float32Array, origin: Float32Array, at: At): void {
  let lambda = 0;
  for (let round = 0; round < 60; round++) {
    let length = 0;
    let slope = 0;
    for (let i = 0; i < rowSize; i++) {
      const from = origin[at.origin + i]!;
      const change = x[at.x + i]! - from;
      const cost = costs?.[i] ?? 1;
      const shrunk = Math.abs(change) - lambda * cost;
      const space = change > 0 ? high[i]! - from : from - low[i]!;
      if (shrunk <= 0) continue;
      length += Math.min(shrunk, space) * cost;
      if (shrunk < space) slope += cost * cost;
    }
    if (length <= at.epsilon) break;
    // Every change still long is held by its bound: λ must first reach the nearest one.
    lambda =
      slope > 0
        ? lambda + (length - at.epsilon) / slope
        : lambda + nextKink({ low, high, costs, rowSize }, x, origin, { ...at, lambda });
  }
  for (let i = 0; i < rowSize; i++) {
    const from = origin[at.origin + i]!;
    const change = x[at.x + i]! - from;
    const shrunk = Math.max(Math.abs(change) - lambda * (costs?.[i] ?? 1), 0);
    const value = from + Math.sign(change) * shrunk;
    x[at.x + i] = value < low[i]! ? low[i]! : value > high[i]! ? high[i]! : value;
  }
}

/** By how much λ must grow until the first change that is held by its bound comes loose. */
function nextKink(
  { rowSize, low, high, costs }: Omit<Room, "norm">,
  x: Float32Array,
  origin: Float32Array,
  at: At & { readonly lambda: number },
): number {
  let least = Infinity;
  for (let i = 0; i < rowSize; i++) {
    const from = origin[at.origin + i]!;
    const change = x[at.x + i]! - from;
    const cost = costs?.[i] ?? 1;
    const excess = (Math.abs(change) - (change > 0 ? high[i]! - from : from - low[i]!)) / cost - at.lambda;
    if (Math.abs(change) > at.lambda * cost && excess >= 0) least = Math.min(least, excess);
  }
  return least === Infinity ? 0 : least + 1e-9 * Math.max(1, at.lambda + least);
}

/** Keeps the largest changes, as many as the radius says. */
function projectL0({ rowSize }: Room, x: Float32Array, origin: Float32Array, at: At): void {
  const changes = new Float32Array(rowSize);
  let changed = 0;
  for (let i = 0; i < rowSize; i++) if ((changes[i] = Math.abs(x[at.x + i]! - origin[at.origin + i]!)) !== 0) changed++;
  const kept = Math.floor(at.epsilon);
  if (changed <= kept) return;
  const order = Uint32Array.from({ length: rowSize }, (_, i) => i).sort((a, b) => changes[b]! - changes[a]! || a - b);
  for (const i of order.subarray(kept)) x[at.x + i] = origin[at.origin + i]!;
}

/** A random point of the ball, uniform for linf, l2 and l1 before it is cut by the bounds; for l0 as many random numbers as may change. */
export function randomPoint(
  room: Room,
  origin: Float32Array,
  at: { origin: number; epsilon: number },
  rng: Seeded,
): Float32Array {
  const { norm, rowSize, low, high } = room;
  const { epsilon } = at;
  const x = origin.slice(at.origin, at.origin + rowSize);
  if (norm === "linf") for (let i = 0; i < rowSize; i++) x[i]! += uniform(rng, -epsilon, epsilon);
  if (norm === "l2" || norm === "l1") {
    // A direction on the sphere, a length whose volume is uniform (l1: Barthe et al. 2005, with one more exponential number).
    const direction = Float64Array.from({ length: rowSize }, () => (norm === "l2" ? normal(rng) : laplace(rng)));
    const size = lengthOf(direction, norm);
    const scale = (epsilon * rng.unit() ** (1 / rowSize)) / Math.max(size, 1e-12);
    for (let i = 0; i < rowSize; i++) x[i]! += direction[i]! * scale;
  }
  if (norm === "l0") {
    for (let n = 0; n < Math.min(Math.floor(epsilon), rowSize); n++) {
      const i = rng.below(rowSize);
      if (Number.isFinite(low[i]!) && Number.isFinite(high[i]!)) x[i] = rng.unit() < 0.5 ? low[i]! : high[i]!;
    }
  }
  project(room, x, origin, { x: 0, ...at });
  return x;
}

function lengthOf(values: Float64Array, norm: "l2" | "l1"): number {
  let total = 0;
  for (const value of values) total += norm === "l2" ? value * value : Math.abs(value);
  return norm === "l2" ? Math.sqrt(total) : total;
}
