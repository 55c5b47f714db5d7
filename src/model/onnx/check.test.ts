import { describe, expect, it } from "vitest";
import { checkModel, GraphBuilder, problemsOf, tensorOf } from "./index.ts";
import type { Graph, Model, Node } from "./index.ts";

const node = (op: string, inputs: string[], outputs: string[], extra: Partial<Node> = {}): Node => ({
  op,
  domain: "",
  name: "",
  inputs,
  outputs,
  attributes: new Map(),
  ...extra,
});

/** A model over `x: float32[N,4]` whose output is `y`. */
function model(nodes: readonly Node[], graph: Partial<Graph> = {}): Model {
  const b = new GraphBuilder();
  b.input("x", "float32", ["N", 4]);
  const built = b.model();
  return { ...built, graph: { ...built.graph, nodes, outputs: [{ name: "y" }], ...graph } };
}

const wrong: readonly (readonly [string, Model, RegExp])[] = [
  ["a value that nothing makes", model([node("Neg", ["z"], ["y"])]), /node `Neg → y`: reads `z`, which nothing before it makes/],
  ["a typo in a value", model([node("Neg", ["x"], ["logits"]), node("Neg", ["logit"], ["y"])]), /near: `logits`/],
  ["a circle", model([node("Neg", ["b"], ["a"]), node("Neg", ["a"], ["b"]), node("Neg", ["b"], ["y"])]), /reads `b`/],
  ["a node that reads itself", model([node("Neg", ["y"], ["y"])]), /reads `y`/],
  [
    "a name given twice",
    model([node("Neg", ["x"], ["y"]), node("Abs", ["x"], ["y"])]),
    /node `Abs → y`: makes `y`, which is there already/,
  ],
  ["an output that nothing makes", model([node("Neg", ["x"], ["z"])]), /output `y` is made by no node/],
  ["an operator that does not exist", model([node("Relo", ["x"], ["y"])]), /there is no operator `Relo` \(near: `Relu`\)/],
  ["an operator of a later version", model([node("Gelu", ["x"], ["y"])]), /Gelu came with version 20, the model imports 18/],
  [
    "an operator that was taken out",
    model([node("Upsample", ["x", "x"], ["y"])]),
    /Upsample was taken out of ONNX in version 10/,
  ],
  ["too few inputs", model([node("Add", ["x"], ["y"])]), /has 1 inputs, takes 2/],
  ["a required input left out", model([node("Add", ["", "x"], ["y"])]), /input `A` must be given/],
  ["a required attribute left out", model([node("Concat", ["x"], ["y"])]), /attribute `axis` must be given/],
  [
    "an attribute of another kind",
    model([node("Concat", ["x"], ["y"], { attributes: new Map([["axis", { kind: "float", value: 1 }]]) })]),
    /attribute `axis` is float, takes int/,
  ],
  [
    "an attribute that does not exist",
    model([node("Softmax", ["x"], ["y"], { attributes: new Map([["axes", { kind: "int", value: 1 }]]) })]),
    /has no attribute `axes` \(near: `axis`\)/,
  ],
  ["a type that the operator does not take", model([node("Not", ["x"], ["y"])]), /input `X` is float32, which it does not take/],
  [
    "two types where one is meant",
    model([node("Add", ["x", "k"], ["y"])], { initializers: new Map([["k", tensorOf("int64", [], [1])]]) }),
    /input `B` is int64, others of its type are float32/,
  ],
  [
    "an output of another type than declared",
    model([node("Neg", ["x"], ["y"])], { outputs: [{ name: "y", type: { kind: "tensor", elementType: "int64" } }] }),
    /output `y` is declared int64, the graph makes float32/,
  ],
  [
    "an output of another rank than declared",
    model([node("Neg", ["x"], ["y"])], { outputs: [{ name: "y", type: { kind: "tensor", elementType: "float32", dims: [1] } }] }),
    /declared with 1 dimensions, the graph makes 2/,
  ],
  [
    "a domain that is not imported",
    model([node("Scaler", ["x"], ["y"], { domain: "ai.onnx.ml" })]),
    /imports no operator set for domain `ai.onnx.ml`/,
  ],
];

describe("the check", () => {
  it.for(wrong)("finds %s and names the node", ([, bad, message]) => {
    expect(() => checkModel(bad)).toThrow(
      expect.objectContaining({ code: "onnx/bad-graph", message: expect.stringMatching(message) }),
    );
  });

  it("finds dimensions that contradict each other", () => {
    const bad = model([node("MatMul", ["x", "k"], ["y"])], {
      initializers: new Map([["k", tensorOf("float32", [3], [1, 2, 3])]]),
    });
    expect(() => checkModel(bad)).toThrow(
      expect.objectContaining({ code: "onnx/bad-shape", message: expect.stringContaining("MatMul → y") }),
    );
  });

  it("refuses operator sets that nothing runs any more, and those it does not know yet", () => {
    for (const opset of [1, 6, 99]) {
      const bad = { ...model([node("Neg", ["x"], ["y"])]), opsets: new Map([["", opset]]) };
      expect(() => checkModel(bad)).toThrow(expect.objectContaining({ code: "onnx/unsupported" }));
    }
  });

  it("follows names into subgraphs and does not let them out", () => {
    const branch = new GraphBuilder({ name: "then" });
    branch.output(branch.op("Neg", ["x"]));
    const b = new GraphBuilder();
    b.input("x", "float32", [1]);
    const attributes = { then_branch: branch.build(), else_branch: branch.build() };
    const [y] = b.call({ op: "If", inputs: [b.input("c", "bool", [])], attributes });
    b.output(y!);
    expect(problemsOf(b.model())).toEqual([]);
    b.output("neg");
    expect(problemsOf(b.model())).toEqual([{ node: undefined, message: "output `neg` is made by no node" }]);
  });

  it("refuses a function that redefines an operator: runtimes differ in which one they take", () => {
    const fn = {
      name: "Relu",
      domain: "",
      inputs: ["x"],
      outputs: ["y"],
      attributes: [],
      defaults: new Map(),
      opsets: new Map([["", 18]]),
    };
    const bad: Model = { ...model([node("Relu", ["x"], ["y"])]), functions: [{ ...fn, nodes: [node("Neg", ["x"], ["y"])] }] };
    expect(() => checkModel(bad)).toThrow(/redefines an operator/);
  });

  it("does not spend long on names made to be compared", () => {
    const names = Array.from({ length: 3000 }, (_, i) => `${"a".repeat(500)}${i}`);
    const bad = model(names.map((name, i) => node("Neg", [`${name}x`], [`${name}y${i}`])));
    const start = process.cpuUsage();
    expect(problemsOf(bad).length).toBe(100);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(5000);
  });
});
