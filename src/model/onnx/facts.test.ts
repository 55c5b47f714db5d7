import { describe, expect, it } from "vitest";
import { allOperators, factsOf, newestOpset } from "./index.ts";
import { ruleFor } from "./infer/rules/all.ts";

describe("the table of operators", () => {
  it("knows each version of an operator apart", () => {
    expect(factsOf({ op: "Conv", domain: "", opset: 10 })?.since).toBe(1);
    expect(factsOf({ op: "Conv", domain: "", opset: 21 })?.since).toBe(11);
    expect(factsOf({ op: "Conv", domain: "", opset: 22 })?.since).toBe(22);
    expect(factsOf({ op: "Gelu", domain: "", opset: 19 })).toBeUndefined();
    expect(factsOf({ op: "Upsample", domain: "", opset: 10 })?.deprecated).toBe(true);
  });

  it("says what an operator takes", () => {
    const conv = factsOf({ op: "Conv", domain: "", opset: 17 })!;
    expect(conv.arity).toEqual({ inputs: [2, 3], outputs: [1, 1] });
    expect(conv.inputs.map(({ name, option }) => [name, option])).toEqual([
      ["X", "single"],
      ["W", "single"],
      ["B", "optional"],
    ]);
    expect([...conv.inputs[0]!.types]).toEqual(["float16", "float32", "float64"]);
    expect(conv.attributes.get("auto_pad")).toEqual({ kind: "string", required: false, fallback: "NOTSET" });
    const concat = factsOf({ op: "Concat", domain: "", opset: 17 })!;
    expect(concat.arity.inputs).toEqual([1, Infinity]);
    expect(concat.attributes.get("axis")).toEqual({ kind: "int", required: true, fallback: undefined });
    expect(factsOf({ op: "Loop", domain: "", opset: 17 })!.inputs.at(-1)).toMatchObject({
      option: "variadic",
      homogeneous: false,
    });
  });

  it("can be read to the last line", () => {
    let definitions = 0;
    for (const { domain, op, versions } of allOperators()) {
      for (const opset of versions) {
        const facts = factsOf({ domain, op, opset })!;
        expect(facts.since, op).toBe(opset);
        for (const formal of [...facts.inputs, ...facts.outputs])
          expect(formal.types.size, `${op} ${formal.name}`).toBeGreaterThan(0);
        definitions++;
      }
    }
    expect(definitions).toBe(659);
    expect(newestOpset).toBe(28);
  });

  it("has a shape rule for every operator of the standard domain and of ai.onnx.ml", () => {
    const without = allOperators()
      .filter(({ domain }) => domain === "" || domain === "ai.onnx.ml")
      .filter((operator) => ruleFor(operator) === undefined);
    expect(without.map(({ op }) => op)).toEqual([]);
  });
});
