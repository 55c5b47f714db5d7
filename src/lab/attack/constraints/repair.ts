/** Makes candidates possible: what must hold of every example of this kind is restored after every step of every attack. */
import { ModelkeepError } from "../../../base/error/index.ts";
import { distance, project } from "../ball.ts";
import type { Room } from "../ball.ts";
import type {} from "../errors.ts";
import type { Constraints } from "./constraints.ts";

type At = { readonly x: number; readonly origin: number; readonly epsilon: number };

/** Moves points into the set of possible examples within a radius. */
export interface Repair {
  /** Bounds narrowed by the ranges. */
  readonly room: Room;
  /** Whether some numbers can only jump: then gradients are taken at points between, and their nearest possible points are judged. */
  readonly discrete: boolean;
  /** Whether ball and bounds are all there is: ranges and costs are part of them. */
  readonly free: boolean;
  /** The convex part: ball, bounds, what may not change, what may only grow or fall. */
  relax(x: Float32Array, origin: Float32Array, at: At): void;
  /** All of it. INVARIANT: what comes out holds every rule and lies in the ball; if nothing else is found, it is the example itself. */
  repair(x: Float32Array, origin: Float32Array, at: At): void;
}

/**
 * A repair for a room; without constraints it is the projection alone.
 * @throws attack/bad-constraint when a rule names a number that is not there
 */
export function createRepair(given: Room, constraints: Constraints | undefined): Repair {
  if (constraints === undefined) return { room: given, discrete: false, free: true, relax: bind(given), repair: bind(given) };
  const room = narrowed(given, constraints);
  checkFeatures(constraints, room.rowSize);
  const discrete = (constraints.integer?.length ?? 0) + (constraints.oneHot?.length ?? 0) > 0;
  const toBall = bind(room);
  const relax = (x: Float32Array, origin: Float32Array, at: At): void => {
    toBall(x, origin, at);
    for (const i of constraints.immutable ?? []) x[at.x + i] = origin[at.origin + i]!;
    for (const i of constraints.increasing ?? []) x[at.x + i] = Math.max(x[at.x + i]!, origin[at.origin + i]!);
    for (const i of constraints.decreasing ?? []) x[at.x + i] = Math.min(x[at.x + i]!, origin[at.origin + i]!);
  };
  return {
    room,
    discrete,
    free: onlyBox(constraints),
    relax,
    repair(x, origin, at) {
      relax(x, origin, at);
      satisfyLinear(constraints, room, { x, origin, at });
      snap(constraints, { x, origin, at }, Math.round);
      if (possible(constraints, room, { x, origin, at })) return;
      // Rounding towards the example can only shorten the change.
      snap(constraints, { x, origin, at }, Math.trunc);
      if (possible(constraints, room, { x, origin, at })) return;
      x.set(origin.subarray(at.origin, at.origin + room.rowSize), at.x);
    },
  };
}

const onlyBox = ({ ranges: _ranges, costs: _costs, ...rules }: Constraints): boolean =>
  Object.values(rules).every((rule) => rule === undefined || rule.length === 0);

const bind =
  (room: Room) =>
  (x: Float32Array, origin: Float32Array, at: At): void =>
    project(room, x, origin, at);

interface Point {
  readonly x: Float32Array;
  readonly origin: Float32Array;
  readonly at: At;
}

/** Whole numbers by whole steps from the example, one winner in each group. */
function snap({ integer, oneHot }: Constraints, { x, origin, at }: Point, round: (value: number) => number): void {
  for (const i of integer ?? []) {
    const from = origin[at.origin + i]!;
    x[at.x + i] = from + round(x[at.x + i]! - from);
  }
  for (const group of oneHot ?? []) {
    let winner = group[0]!;
    for (const i of group) if (x[at.x + i]! > x[at.x + winner]!) winner = i;
    for (const i of group) x[at.x + i] = i === winner ? 1 : 0;
  }
}

/** Projects onto each violated half-space in turn (Kaczmarz 1937), moving only numbers that may move. */
function satisfyLinear(constraints: Constraints, room: Room, { x, at }: Point): void {
  const fixed = new Set([...(constraints.immutable ?? []), ...(constraints.oneHot ?? []).flat()]);
  for (let round = 0; round < 10; round++) {
    let violated = false;
    for (const { weights, atMost } of constraints.linear ?? []) {
      const excess = weights.reduce((sum, [i, weight]) => sum + weight * x[at.x + i]!, 0) - atMost;
      if (excess <= 1e-7) continue;
      violated = true;
      const free = weights.filter(([i]) => !fixed.has(i));
      const length = free.reduce((sum, [, weight]) => sum + weight * weight, 0);
      if (length === 0) return;
      for (const [i, weight] of free) {
        const value = x[at.x + i]! - (excess * weight) / length;
        x[at.x + i] = Math.min(Math.max(value, room.low[i]!), room.high[i]!);
      }
    }
    if (!violated) return;
  }
}

function possible({ linear, increasing, decreasing }: Constraints, room: Room, { x, origin, at }: Point): boolean {
  for (let i = 0; i < room.rowSize; i++) if (x[at.x + i]! < room.low[i]! || x[at.x + i]! > room.high[i]!) return false;
  if (increasing?.some((i) => x[at.x + i]! < origin[at.origin + i]!) === true) return false;
  if (decreasing?.some((i) => x[at.x + i]! > origin[at.origin + i]!) === true) return false;
  const holds = ({ weights, atMost }: NonNullable<Constraints["linear"]>[number]): boolean =>
    weights.reduce((sum, [i, weight]) => sum + weight * x[at.x + i]!, 0) <= atMost + 1e-6 * Math.max(1, Math.abs(atMost));
  return (linear ?? []).every(holds) && distance(room, x, origin, at) <= at.epsilon * (1 + 1e-6);
}

function narrowed(room: Room, { ranges, costs, immutable }: Constraints): Room {
  const [low, high] = [room.low.slice(), room.high.slice()];
  for (const { feature, min, max } of ranges ?? []) {
    low[feature] = Math.max(low[feature]!, min ?? -Infinity);
    high[feature] = Math.min(high[feature]!, max ?? Infinity);
  }
  const fixed = immutable === undefined ? undefined : new Uint8Array(room.rowSize);
  for (const feature of immutable ?? []) fixed![feature] = 1;
  return { ...room, low, high, costs, fixed };
}

function checkFeatures(constraints: Constraints, rowSize: number): void {
  const {
    immutable = [],
    integer = [],
    increasing = [],
    decreasing = [],
    oneHot = [],
    ranges = [],
    linear = [],
    costs,
  } = constraints;
  const named = [
    ...immutable,
    ...integer,
    ...increasing,
    ...decreasing,
    ...oneHot.flat(),
    ...ranges.map(({ feature }) => feature),
    ...linear.flatMap(({ weights }) => weights.map(([feature]) => feature)),
  ];
  const wrong = named.find((feature) => !Number.isInteger(feature) || feature < 0 || feature >= rowSize);
  if (wrong !== undefined) throw badConstraint(`a constraint names number ${wrong}`, `an example has numbers 0 … ${rowSize - 1}`);
  if (costs !== undefined && (costs.length !== rowSize || costs.some((cost) => !(cost > 0)))) {
    throw badConstraint(`costs for ${costs.length} numbers`, `give one cost above 0 for each of the ${rowSize} numbers`);
  }
}

/**
 * Checks that the examples themselves hold the rules: a candidate that changes nothing must be possible.
 * @throws attack/bad-constraint
 */
export function checkExamples(repair: Repair, x: Float32Array, size: number): void {
  const { rowSize } = repair.room;
  for (let row = 0; row < size; row++) {
    const same = x.slice(row * rowSize, (row + 1) * rowSize);
    repair.repair(same, x, { x: 0, origin: row * rowSize, epsilon: Infinity });
    const changed = same.findIndex((value, i) => value !== x[row * rowSize + i]!);
    if (changed >= 0) {
      throw badConstraint(
        `example ${row} breaks a constraint or bound at number ${changed}: ${x[row * rowSize + changed]!}`,
        "correct the constraints, the bounds or the data",
      );
    }
  }
}

const badConstraint = (message: string, hint: string): ModelkeepError =>
  new ModelkeepError("attack/bad-constraint", { message, hint, status: 400, exit: 4 });
