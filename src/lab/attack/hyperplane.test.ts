import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lengthOf, towardsPlanes } from "./hyperplane.ts";
import type { Norm } from "./threat.ts";

const rowSize = 9;
const room = (norm: Norm) => ({ norm, rowSize, low: new Float32Array(rowSize), high: new Float32Array(rowSize).fill(1) });
// Sixteenths: numbers near 0 would move by whatever rounding says.
const row = (min: number, max: number) =>
  fc
    .array(fc.integer({ min: 16 * min, max: 16 * max }), { minLength: rowSize, maxLength: rowSize })
    .map((values) => Float32Array.from(values, (value) => value / 16));
const dot = (w: Float32Array, x: ArrayLike<number>): number => w.reduce((sum, value, i) => sum + value * x[i]!, 0);

/** The least multiplier that reaches the goal, by bisection. */
function byBisection(norm: "linf" | "l2", w: Float32Array, x: Float32Array, b: number): Float64Array {
  const side = Math.sign(b - dot(w, x));
  const way = (multiplier: number): Float64Array =>
    Float64Array.from(w, (value, i) => {
      const wanted = side * (norm === "linf" ? Math.sign(value) : value) * multiplier;
      return Math.min(Math.max(wanted, -x[i]!), 1 - x[i]!);
    });
  let [low, high] = [0, 1e6];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (Math.abs(dot(w, way(middle))) < Math.abs(b - dot(w, x))) low = middle;
    else high = middle;
  }
  return way(high);
}

describe("the way onto a hyperplane", () => {
  it.each(["linf", "l2"] as const)("stays between the bounds and is the shortest one (%s)", (norm) => {
    fc.assert(
      fc.property(row(-1, 1), row(0, 1), fc.double({ min: -3, max: 3, noNaN: true }), (w, x, b) => {
        const made = new Float64Array(rowSize);
        towardsPlanes(room(norm))(x, { w, b }, made);
        const best = byBisection(norm, w, x, b);
        for (const [i, value] of made.entries()) expect(x[i]! + value >= 0 && x[i]! + value <= 1).toBe(true);
        // As near to the plane, by a way as long.
        expect(Math.abs(b - dot(w, x) - dot(w, made))).toBeCloseTo(Math.abs(b - dot(w, x) - dot(w, best)), 4);
        expect(lengthOf(norm, made)).toBeLessThanOrEqual(lengthOf(norm, best) + 1e-4);
      }),
    );
  });

  it("moves the numbers that count most first for l1", () => {
    const way = new Float64Array(rowSize);
    const w = Float32Array.from([0.5, -2, 1, 0, 0, 0, 0, 0, 0]);
    towardsPlanes(room("l1"))(new Float32Array(rowSize).fill(0.5), { w, b: 1.25 }, way);
    // w · x = −0.25; the second number gives 1, the third the half that is left.
    expect([...way]).toEqual([0, -0.5, 0.5, 0, 0, 0, 0, 0, 0]);
  });
});
