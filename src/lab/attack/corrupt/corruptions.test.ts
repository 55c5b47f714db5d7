import { describe, expect, it } from "vitest";
import { createSeeded } from "../../../base/math/index.ts";
import { corruptions, imageOf } from "./corruptions.ts";

const image = imageOf([2, 12, 10]);
const pixels = image.channels * image.height * image.width;
const random = createSeeded(4);
const picture = Float32Array.from({ length: pixels }, (_, i) => 0.5 + 0.3 * Math.sin(i / 7) + 0.1 * random.unit());
const flat = new Float32Array(pixels).fill(0.4);
const make = (kind: string, x: Float32Array, strength: number): Float32Array =>
  corruptions[kind]!(x, { image, strength, rng: createSeeded(9) });
const mean = (x: Float32Array): number => x.reduce((sum, value) => sum + value, 0) / x.length;
const apart = (a: Float32Array, b: Float32Array): number => Math.sqrt(mean(a.map((value, i) => (value - b[i]!) ** 2)));

describe.each(Object.keys(corruptions))("the corruption %s", (kind) => {
  it("is nothing at strength 0, more with more strength, and leaves the picture it was given as it was", () => {
    const kept = picture.slice();
    // A JPEG of the best quality still rounds.
    expect(apart(make(kind, picture, 0), picture)).toBeLessThan(kind === "jpeg" ? 1 / 255 : 1e-6);
    const damage = [0.1, 0.4, 1].map((strength) => apart(make(kind, picture, strength), picture));
    expect(damage).toEqual(damage.toSorted((a, b) => a - b));
    expect(damage[2]).toBeGreaterThan(0.05);
    expect(picture).toEqual(kept);
  });

  it("is the same for the same seed", () => {
    expect(make(kind, picture, 0.5)).toEqual(make(kind, picture, 0.5));
  });
});

describe("corruptions", () => {
  it("blur, contrast and JPEG leave a flat picture flat, to a step of the JPEG's mean", () => {
    expect(apart(make("blur", flat, 1), flat)).toBeLessThan(1e-6);
    expect(apart(make("contrast", flat, 1), flat)).toBeLessThan(1e-6);
    const jpeg = make("jpeg", flat, 0.5);
    expect(Math.max(...jpeg) - Math.min(...jpeg)).toBeLessThan(1e-6);
    // At quality 51 the step of the mean is 16 / 8 of 255 levels: half of it is the most that rounding does.
    expect(Math.abs(jpeg[0]! - 0.4)).toBeLessThanOrEqual(1 / 255 + 1e-6);
  });

  it("contrast at full strength leaves the mean alone; noise has the spread that it says", () => {
    expect(make("contrast", picture, 1).every((value) => Math.abs(value - mean(picture)) < 1e-5)).toBe(true);
    const wide = imageOf([1, 64, 64]);
    const noisy = corruptions["noise"]!(new Float32Array(4096), { image: wide, strength: 0.4, rng: createSeeded(2) });
    expect(Math.abs(apart(noisy, new Float32Array(4096)) - 0.2)).toBeLessThan(0.01);
  });

  it("blur mixes neighbours of one plane only, and keeps what there is of light away from the edge", () => {
    const dot = new Float32Array(pixels);
    dot[6 * image.width + 5] = 1;
    const seen = make("blur", dot, 0.3);
    const plane = image.height * image.width;
    expect(Math.max(...seen.subarray(plane))).toBe(0);
    expect(seen.subarray(0, plane).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
    expect(seen[6 * image.width + 5]).toBe(Math.max(...seen));
  });
});
