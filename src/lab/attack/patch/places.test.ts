import { describe, expect, it } from "vitest";
import { imageOf } from "../square/proposal.ts";
import { bestPlaces, cellsOf, windowsOf } from "./places.ts";

const image = imageOf([3, 20, 16]);

describe("windows of a patch", () => {
  it("hold no more pixels than allowed, and hardly fewer", () => {
    for (const pixels of [1, 2, 5, 24, 37, 60]) {
      expect(windowsOf(pixels, image, "square")).toEqual([
        { height: Math.floor(Math.sqrt(pixels)), width: Math.floor(Math.sqrt(pixels)) },
      ]);
      const rectangles = windowsOf(pixels, image, "rectangle");
      expect(rectangles.length).toBeGreaterThan(0);
      for (const { height, width } of rectangles) expect(height * width).toBeLessThanOrEqual(pixels);
    }
    expect(windowsOf(37, image, "rectangle")).toContainEqual({ height: 4, width: 9 });
    expect(windowsOf(0, image, "rectangle")).toEqual([]);
  });
});

describe("places of a patch", () => {
  const gradient = new Float32Array(3 * 20 * 16);
  // Two spots, the brighter one in the second channel.
  gradient[5 * 16 + 4] = -2;
  gradient[320 + 15 * 16 + 12] = 3;
  const windows = [{ height: 3, width: 4 }];
  const holds = (cells: readonly number[], cell: number): boolean => cells.includes(cell);

  it("lie where the gradient is largest, in any channel and of either sign, and apart from each other", () => {
    const places = bestPlaces(gradient, { image, windows, count: 12, fixed: undefined }).map((place) => cellsOf(place, image));
    const [bright, other] = [320 + 15 * 16 + 12, 5 * 16 + 4];
    expect(holds(places[0]!, bright)).toBe(true);
    const dark = places.findIndex((cells) => holds(cells, other));
    expect(dark).toBeGreaterThan(0);
    expect(places.findLastIndex((cells) => holds(cells, bright))).toBeLessThan(dark);
    expect(places[0]).toHaveLength(36);
    for (const cells of places.slice(1)) expect(cells.filter((cell) => holds(places[0]!, cell)).length).toBeLessThanOrEqual(18);
  });

  it("hold no number that stays as it is", () => {
    const fixed = new Uint8Array(gradient.length);
    fixed[15 * 16 + 12] = 1; // of the first channel only
    const places = bestPlaces(gradient, { image, windows, count: 400, fixed });
    expect(places.length).toBeGreaterThan(5);
    for (const place of places) expect(holds(cellsOf(place, image), 15 * 16 + 12)).toBe(false);
    expect(bestPlaces(gradient, { image, windows, count: 3, fixed: new Uint8Array(gradient.length).fill(1) })).toEqual([]);
  });
});
