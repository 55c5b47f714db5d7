import { describe, expect, it } from "vitest";
import { GraphBuilder, inlineFunctions, tensorOf } from "../index.ts";
import type { Attribute, Model, ModelFunction, Node } from "../index.ts";

const node = (op: string, inputs: string[], outputs: string[], rest: Partial<Node> = {}): Node => ({
  op,
  domain: "",
  name: "",
  inputs,
  outputs,
  attributes: new Map(),
  ...rest,
});

const own = (attributes: Record<string, Attribute> = {}): Partial<Node> => ({
  domain: "own",
  attributes: new Map(Object.entries(attributes)),
});

const fn = (name: string, parts: Pick<ModelFunction, "inputs" | "outputs" | "nodes">, opset = 18): ModelFunction => ({
  name,
  domain: "own",
  attributes: [],
  defaults: new Map(),
  opsets: new Map([
    ["", opset],
    ["own", 1],
  ]),
  ...parts,
});

function modelOf(nodes: Node[], functions: ModelFunction[]): Model {
  const b = new GraphBuilder({
    opsets: new Map([
      ["", 18],
      ["own", 1],
    ]),
  });
  b.input("x", "float32", [2, 3]);
  b.initializer("t", tensorOf("float32", [], [1]));
  for (const item of nodes) b.add(item);
  b.output("y", "float32");
  return { ...b.model(), functions };
}

describe("inlining of functions", () => {
  it("writes out calls within calls, each under names of its own", () => {
    const inner = fn("Twice", {
      inputs: ["a"],
      outputs: ["b"],
      nodes: [node("Add", ["a", "a"], ["t"]), node("Identity", ["t"], ["b"])],
    });
    const outer = fn("Four", {
      inputs: ["a"],
      outputs: ["b"],
      nodes: [node("Twice", ["a"], ["m"], own()), node("Twice", ["m"], ["b"], own())],
    });
    const flat = inlineFunctions(modelOf([node("Four", ["x"], ["y"], own())], [inner, outer]));
    expect(flat.functions).toEqual([]);
    expect(flat.graph.nodes.map(({ op }) => op)).toEqual(["Add", "Identity", "Add", "Identity"]);
    const made = flat.graph.nodes.flatMap(({ outputs }) => outputs);
    expect(new Set([...made, "x", "t"]).size).toBe(made.length + 2);
    expect(made.at(-1)).toBe("y");
  });

  it("puts the call's attributes in place of references to them", () => {
    const leaky = fn("Leaky", {
      inputs: ["a"],
      outputs: ["b"],
      nodes: [
        node("LeakyRelu", ["a"], ["b"], { attributes: new Map([["alpha", { kind: "reference", value: "slope", of: "float" }]]) }),
      ],
    });
    const flat = inlineFunctions(modelOf([node("Leaky", ["x"], ["y"], own({ slope: { kind: "float", value: 0.5 } }))], [leaky]));
    expect(flat.graph.nodes[0]!.attributes.get("alpha")).toEqual({ kind: "float", value: 0.5 });
  });

  it("hands an input through as an output", () => {
    const same = fn("Same", { inputs: ["a"], outputs: ["a"], nodes: [] });
    const flat = inlineFunctions(modelOf([node("Same", ["x"], ["y"], own())], [same]));
    expect(flat.graph.nodes).toMatchObject([{ op: "Identity", inputs: ["x"], outputs: ["y"] }]);
  });

  it("brings a body of an older operator set up to the model's", () => {
    const mean = fn(
      "Mean1",
      {
        inputs: ["a"],
        outputs: ["b"],
        nodes: [node("ReduceMean", ["a"], ["b"], { attributes: new Map([["axes", { kind: "ints", value: [1] }]]) })],
      },
      13,
    );
    const flat = inlineFunctions(modelOf([node("Mean1", ["x"], ["y"], own())], [mean]));
    const reduce = flat.graph.nodes.find(({ op }) => op === "ReduceMean")!;
    expect(reduce.inputs).toHaveLength(2);
    expect(reduce.attributes.has("axes")).toBe(false);
  });

  it("refuses a function that calls itself", () => {
    const loop = fn("Loop1", { inputs: ["a"], outputs: ["b"], nodes: [node("Loop1", ["a"], ["b"], own())] });
    expect(() => inlineFunctions(modelOf([node("Loop1", ["x"], ["y"], own())], [loop]))).toThrow(/calls itself/);
  });
});
