import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSeeded, fromState, shuffle } from "./seeded.ts";

describe("seeded randomness", () => {
  it("is xoshiro128**, as its authors' program prints it from the state 1, 2, 3, 4", () => {
    const random = fromState([1, 2, 3, 4]);
    expect(Array.from({ length: 10 }, () => random.uint32())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it("repeats itself for the same seed and stream, and for no other", () => {
    const draw = (...from: [number, ...number[]]) => Array.from({ length: 4 }, createSeeded(...from).uint32).join();
    const drawn = [[0], [1], [-1], [0.5], [0.25], [2 ** 53 - 1], [0, 0], [0, 1], [1, 0], [0, 0, 0]].map((from) =>
      draw(...(from as [number])),
    );
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(draw(7, 3)).toBe(draw(7, 3));
    expect(draw(0)).toMatchInlineSnapshot(`"3737715805,2584255861,2876756834,3286328325"`);
  });

  it("favours nothing below a bound", () => {
    const random = createSeeded(1);
    const seen = Array.from({ length: 6 }, () => 0);
    for (let i = 0; i < 60_000; i++) seen[random.below(6)]!++;
    const chiSquared = seen.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(20.5); // 5 degrees of freedom, p = 0.001; the seed is fixed
    expect(createSeeded(1).below(1)).toBe(0);
    expect(createSeeded(1).below(2 ** 32)).toBe(createSeeded(1).uint32());
  });

  it("stays within the unit interval", () => {
    const random = createSeeded(2);
    const values = Array.from({ length: 10_000 }, random.unit);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(values.reduce((a, b) => a + b) / values.length).toBeCloseTo(0.5, 2);
  });

  it("shuffles without loss, every order about as often", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat({ max: 50 }), (seed, length) => {
        const items = shuffle(
          Uint32Array.from({ length }, (_, i) => i),
          createSeeded(seed),
        );
        expect([...items].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
      }),
    );
    const orders = new Map<string, number>();
    const random = createSeeded(3);
    for (let i = 0; i < 24_000; i++) {
      const order = shuffle(["a", "b", "c", "d"], random).join("");
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    expect(Math.min(...orders.values())).toBeGreaterThan(850);
  });
});
