import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { componentsOf } from "./components.ts";
import { inLines } from "./lines.ts";
import { convexHull, smallestRectangle, unclip } from "./rectangle.ts";

const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 })), {
  minLength: 3,
  maxLength: 40,
});

describe("the smallest rectangle", () => {
  it("holds every point, and is no larger than the upright one", () => {
    fc.assert(
      fc.property(points, (all) => {
        const { x, y, width, height, angle } = smallestRectangle(all);
        for (const [px, py] of all) {
          const [dx, dy] = [px - x, py - y];
          expect(Math.abs(dx * Math.cos(angle) + dy * Math.sin(angle))).toBeLessThanOrEqual(width / 2 + 1e-6);
          expect(Math.abs(dy * Math.cos(angle) - dx * Math.sin(angle))).toBeLessThanOrEqual(height / 2 + 1e-6);
        }
        const side = (axis: 0 | 1): number => Math.max(...all.map((p) => p[axis])) - Math.min(...all.map((p) => p[axis]));
        expect(width * height).toBeLessThanOrEqual(side(0) * side(1) + 1e-6);
        expect(Math.abs(angle)).toBeLessThanOrEqual(Math.PI / 4 + 1e-9);
      }),
    );
  });

  it("of a tilted strip has the strip's sides and its tilt", () => {
    const [cos, sin] = [Math.cos(0.3), Math.sin(0.3)];
    const corners = [
      [0, 0],
      [100, 0],
      [100, 20],
      [0, 20],
    ].map(([u, v]) => [u! * cos - v! * sin, u! * sin + v! * cos] as const);
    const found = smallestRectangle(corners);
    expect([found.width, found.height, found.angle]).toEqual([100, 20, 0.3].map((value) => expect.closeTo(value, 6)));
    expect(unclip(found, 1.5)).toMatchObject({ width: expect.closeTo(125, 6), height: expect.closeTo(45, 6) });
  });

  it("goes round a hull whose corners are points", () => {
    fc.assert(
      fc.property(points, (all) => {
        for (const corner of convexHull(all)) expect(all.some(([x, y]) => x === corner[0] && y === corner[1])).toBe(true);
      }),
    );
  });
});

describe("components", () => {
  it("are what touches, also at a corner, and dust is none", () => {
    const rows = ["##....#", ".##....", "...#...", "......#"];
    const scores = Float32Array.from(rows.join(""), (one) => (one === "#" ? 0.8 : 0.1));
    const found = componentsOf({ scores, width: 7, height: 4 }, 0.3, 2);
    expect(found.length).toBe(1);
    expect(found[0]!.score).toBeCloseTo(0.8, 6);
    expect(found[0]!.edge).toContainEqual([4, 3]);
  });
});

describe("the order of pieces", () => {
  it("is by lines and then from left to right, along the tilt of the text", () => {
    const at = (text: string, along: number, down: number, angle: number) => {
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const box = { x: along * cos - down * sin, y: along * sin + down * cos, width: 80, height: 20, angle };
      return { text, confidence: 1, box };
    };
    for (const tilt of [0, 0.1, -0.1]) {
      const pieces = [at("d", 120, 41, tilt), at("b", 100, 2, tilt), at("c", 0, 40, tilt), at("a", 0, 0, tilt)];
      expect(inLines(pieces).map((line) => line.map(({ text }) => text))).toEqual([
        ["a", "b"],
        ["c", "d"],
      ]);
    }
  });
});
