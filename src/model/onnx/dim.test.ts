import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addDims,
  canonicalDim,
  ceilDiv,
  divideExactly,
  evaluateDim,
  floorDiv,
  mulDims,
  subDims,
  substituteDim,
  symbolsOf,
} from "./index.ts";
import type { Dim } from "./index.ts";

/** An expression over N and M beside the number it is for given values. */
interface Both {
  readonly dim: Dim;
  readonly value: number;
}

const sizes = { N: 7, M: 3, "past.len": 5 };
const leaf: fc.Arbitrary<Both> = fc.oneof(
  fc.integer({ min: 1, max: 9 }).map((n) => ({ dim: n, value: n })),
  fc.constantFrom(...Object.entries(sizes)).map(([dim, value]) => ({ dim, value })),
);
const { tree } = fc.letrec<{ tree: Both }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.tuple(fc.constantFrom("+", "-", "*", "/", "^"), tie("tree"), leaf).map(([op, a, b]) => {
      if (op === "+") return { dim: addDims(a.dim, b.dim), value: a.value + b.value };
      if (op === "-") return { dim: subDims(a.dim, b.dim), value: a.value - b.value };
      if (op === "*") return { dim: mulDims(a.dim, b.dim), value: a.value * b.value };
      if (op === "/") return { dim: floorDiv(a.dim, b.dim), value: Math.floor(a.value / b.value) };
      return { dim: ceilDiv(a.dim, b.dim), value: Math.ceil(a.value / b.value) };
    }),
  ),
}));
const valueOf = (symbol: string): number | undefined => sizes[symbol as keyof typeof sizes];

describe("dimensions that are symbols", () => {
  it("compute what numbers compute", () => {
    fc.assert(
      fc.property(tree, ({ dim, value }) => {
        if (dim !== null) expect(evaluateDim(dim, valueOf)).toBe(value + 0); // −0 + 0 is 0
      }),
    );
  });

  it("are read back from their text, and binding all symbols leaves a number", () => {
    fc.assert(
      fc.property(tree, ({ dim, value }) => {
        if (dim === null) return;
        expect(canonicalDim(dim)).toBe(dim);
        expect(substituteDim(dim, valueOf)).toBe(value + 0);
      }),
    );
  });

  it.for([
    ["2*N", "2*N"],
    ["N*2 + 1", "2*N + 1"],
    ["past + sequence", "past + sequence"],
    ["sequence+past", "past + sequence"],
    ["(N + 1)*(N - 1)", "N*N - 1"],
    ["batch-size", "batch-size"],
    ["Max(1, N)", "{Max(1, N)}"],
    ["floor((2*N + 4)/2)", "N + 2"],
    ["7", 7],
  ])("%s is %s", ([text, canonical]) => {
    expect(canonicalDim(text as string)).toBe(canonical);
  });

  it("are equal when their polynomials are", () => {
    expect(subDims(mulDims(addDims("N", 1), "N"), addDims(mulDims("N", "N"), "N"))).toBe(0);
    expect(divideExactly(mulDims("N", 256), 256)).toBe("N");
    expect(divideExactly(mulDims("N", "M"), "M")).toBe("N");
    expect(divideExactly("N", 2)).toBe(null);
    expect([...symbolsOf("2*N + floor(M/3)")]).toEqual(["N", "M"]);
  });

  it("refuse to pass 2^53 and give up on expressions that nobody could read", () => {
    expect(() => mulDims(2 ** 30, 2 ** 30)).toThrow(expect.objectContaining({ code: "onnx/too-costly" }));
    let dim: Dim = "N";
    for (let i = 0; i < 200; i++) dim = addDims(mulDims(dim, `S${i}`), `T${i}`);
    expect(dim).toBe(null);
  });
});
