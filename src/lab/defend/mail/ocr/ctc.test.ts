import { describe, expect, it } from "vitest";
import { decodeCtc } from "./ctc.ts";

const letters = ["a", "b", " "];
/** One row a letter of the path, `-` the blank; `gap` is what the space has where the path is blank. */
const scoresOf = (path: string, gap: number) => ({
  scores: Float32Array.from(
    [...path].flatMap((one) => [one === "-" ? 1 : 0, one === "a" ? 1 : 0, one === "b" ? 1 : 0, one === " " ? 1 : gap]),
  ),
  steps: path.length,
  classes: 4,
});

describe("decoding a line", () => {
  it.for([
    ["aa-ab-", 0, "aab"],
    ["a b", 0, "a b"],
    ["a-b", 0.06, "a b"],
    ["a---b", 0.02, "a b"],
    ["a-b", 0.01, "ab"],
    ["--a--", 0.2, "a"],
    ["", 0, ""],
  ] as const)("%s with a space of %f in the gaps is %s", ([path, gap, text]) => {
    expect(decodeCtc(scoresOf(path, gap), letters).text).toBe(text);
  });

  it("is as sure as its letters", () => {
    expect(decodeCtc({ scores: Float32Array.of(0.1, 0.6, 0.2, 0.1), steps: 1, classes: 4 }, letters).confidence).toBeCloseTo(
      0.6,
      6,
    );
    expect(decodeCtc(scoresOf("---", 0), letters).confidence).toBe(0);
  });
});
