import { describe, expect, it } from "vitest";
import { createCopies, repeated } from "./copies.ts";

describe("questions about one batch", () => {
  it("stand one after another in one run", () => {
    expect([...repeated(Float32Array.of(1, 2), 3)]).toEqual([1, 2, 1, 2, 1, 2]);
    expect([...repeated(Int32Array.of(7), 2)]).toEqual([7, 7]);
  });

  it("are asked together as long as copies get answers of their own", () => {
    const copies = createCopies();
    expect(copies.areOne(Float32Array.of(1, 2, 3, 4), 2, 1)).toBe(false);
    expect(copies.of(12)).toBe(12);
  });

  it("are asked one by one of a model that draws once for all rows", () => {
    const copies = createCopies();
    expect(copies.areOne(Float32Array.of(1, 2, 3, 4, 1, 2, 3, 4), 2, 2)).toBe(true);
    expect(copies.of(12)).toBe(1);
  });
});
