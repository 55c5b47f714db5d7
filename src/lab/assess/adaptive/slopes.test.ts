import { describe, expect, it } from "vitest";
import { addSlopes } from "./slopes.ts";

describe("a sum of slopes from points nearby", () => {
  it("does not follow the one point that lies on a jump", () => {
    const sum = new Float32Array(3);
    const copies = Float32Array.of(1, -1, 1, 1, -1, -9000, 1, -1, 1, 1, -1, 1, 1, -1, 1, 1, -1, 1);
    addSlopes(sum, copies, { rowSize: 3, clip: true });
    expect([...sum].map(Math.sign)).toEqual([1, -1, 1]);
    expect(sum[2]).toBe(5 - 4);
  });

  it("passes over values that are no numbers", () => {
    const sum = new Float32Array(2);
    addSlopes(sum, Float32Array.of(Number.NaN, 2, 3, Infinity), { rowSize: 2, clip: false });
    expect([...sum]).toEqual([3, 2]);
  });
});
