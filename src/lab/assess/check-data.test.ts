import { describe, expect, it } from "vitest";
import type { AttackTarget } from "../attack/index.ts";
import { checkAssessed } from "./check-data.ts";

const target = (rowDims: readonly number[]) =>
  ({ rowDims, rowSize: rowDims.reduce((a, b) => a * b, 1), classes: 3 }) as AttackTarget;
const check = (rowDims: readonly number[], dims: readonly number[], more: { labels?: number[]; x?: Float32Array } = {}) => {
  const { labels = [0, 2], x = new Float32Array(2 * dims.reduce((a, b) => a * b, 1)) } = more;
  checkAssessed({ subject: { target: target(rowDims) }, x, labels: Int32Array.from(labels), dims, bounds: { low: 0, high: 1 } });
};

describe("data of an assessment", () => {
  it.for([
    [
      [1, 4, 4],
      [4, 4],
    ],
    [
      [1, 4, 4],
      [4, 4, 1],
    ],
    [[3, 4, 5], [60]],
    [[12], [3, 4]],
  ] as const)(
    "may be laid out otherwise where that changes no number's place: the model takes %j, the data are %j",
    ([rowDims, dims]) => {
      expect(() => check(rowDims, dims)).not.toThrow();
    },
  );

  it.for([
    [[3, 4, 4], [4, 4, 3], "as many numbers, in another order"],
    [[1, 4, 5], [5, 4], "as many numbers, in another order"],
    [[1, 4, 4], [4, 3], "the data's examples are [4, 3], the model takes [1, 4, 4]"],
  ] as const)(
    "is refused where its axes are not the model's: the model takes %j, the data are %j",
    ([rowDims, dims, message]) => {
      expect(() => check(rowDims, dims)).toThrow(message);
    },
  );

  it.for([
    [{ labels: [0, 3] }, "label 3 at position 1 is none of the model's 3 classes"],
    [{ labels: [0, -1] }, "label -1"],
    [{ labels: [0] }, "2 examples and 1 labels"],
    [{ labels: [] }, "there are no examples"],
    [{ x: Float32Array.of(0, 1, NaN, 0) }, "value 0 of example 1 is not a finite number"],
    [{ x: Float32Array.of(0, 1, 0.5, 2) }, "value 2 of example 1 lies outside the bounds 0 … 1"],
  ] as const)("is refused with what is wrong: %j", ([more, message]) => {
    expect(() => check([2], [2], more as Parameters<typeof check>[2])).toThrow(message);
  });
});
