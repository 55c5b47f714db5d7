import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GraphBuilder, inferTypes, printModel, readModel, specialise, typeText } from "./index.ts";
import type { Model } from "./index.ts";

const root = join(import.meta.dirname, "../../..");
const load = (path: string): Model => readModel(new Uint8Array(readFileSync(join(root, path))));

/** x: float32[N,C,8] through operators; the type of the result. */
function typeAfter(build: (b: GraphBuilder, x: string) => string): string {
  const b = new GraphBuilder();
  const y = build(b, b.input("x", "float32", ["N", "C", 8]));
  b.output(y);
  return typeText(inferTypes(b.model()).get(y)!);
}

describe("shape inference", () => {
  it.for([
    ["float32[N,8*C]", (b, x) => b.op("Reshape", [x, b.ints([0, -1])])],
    ["float32[C*N,8]", (b, x) => b.op("Flatten", [x], { axis: 2 })],
    ["float32[N,2*C,8]", (b, x) => b.op("Concat", [x, x], { axis: 1 })],
    ["float32[8,C,N]", (b, x) => b.op("Transpose", [x])],
    ["float32[N,C + 4,8]", (b, x) => b.op("Pad", [x, b.ints([0, 1, 0, 0, 3, 0])])],
    [
      // Pads as TorchScript exporters compute them: pairs from the last axis to the first, reversed and transposed.
      "float32[N,C + 3,15]",
      (b, x) => {
        const pairs = b.op("Reshape", [b.op("Concat", [b.ints([3, 4, 1, 2]), b.ints([0, 0])], { axis: 0 }), b.ints([-1, 2])]);
        const reversed = b.op("Slice", [pairs, b.ints([-1]), b.ints([-(2 ** 63)]), b.ints([0]), b.ints([-1])]);
        const pads = b.op("Cast", [b.op("Reshape", [b.op("Transpose", [reversed], { perm: [1, 0] }), b.ints([-1])])], { to: 7 });
        return b.op("Pad", [x, pads], { mode: "edge" });
      },
    ],
    [
      "float32[N,floor(C/2),8]",
      (b, x) =>
        b.op("Slice", [x, b.ints([0]), b.op("Div", [b.op("Shape", [x], { start: 1, end: 2 }), b.ints([2])]), b.ints([1])]),
    ],
    ["float32[N,C,4]", (b, x) => b.op("MaxPool", [x], { kernel_shape: [2], strides: [2] })],
    ["float32[C,C]", (b, x) => b.op("Einsum", [x, x], { equation: "ncl,ndl->cd" })],
    ["float32[N,C,1]", (b, x) => b.op("ReduceMean", [x, b.ints([-1])])],
    ["int64[3]", (b, x) => b.op("Shape", [x])],
    ["int64[3,unk__0]", (b, x) => b.op("NonZero", [x])],
    [
      "float32[C*N]",
      (b, x) => b.op("ConstantOfShape", [b.op("ReduceProd", [b.op("Slice", [b.op("Shape", [x]), b.ints([0]), b.ints([2])])])]),
    ],
    [
      "float32[N,C,2,4]",
      (b, x) => {
        const shape = b.op("Shape", [x]);
        const head = b.op("Slice", [shape, b.ints([0]), b.ints([2])]);
        const half = b.op("Div", [b.op("Gather", [shape, b.ints([2])]), b.ints([2])]);
        return b.op("Reshape", [x, b.op("Concat", [head, b.ints([2]), half], { axis: 0 })]);
      },
    ],
  ] as [string, (b: GraphBuilder, x: string) => string][])("finds %s", ([type, build]) => {
    expect(typeAfter(build)).toBe(type);
  });

  it("names the node where shapes contradict each other", () => {
    const b = new GraphBuilder();
    const x = b.input("x", "float32", ["N", 3]);
    b.output(b.op("MatMul", [x, b.op("Transpose", [b.op("Concat", [x, x], { axis: 1 })])]));
    expect(() => inferTypes(b.model())).toThrow(
      expect.objectContaining({
        code: "onnx/bad-shape",
        message: expect.stringMatching(/^node `MatMul → matmul`: dimensions 3 and 6/),
      }),
    );
  });
});

describe("a branch that can never be taken", () => {
  const choose = (then: (b: GraphBuilder) => string, otherwise: (b: GraphBuilder) => string): Model => {
    const branch = (build: (b: GraphBuilder) => string) => {
      const inner = new GraphBuilder({ name: "branch" });
      inner.output(build(inner));
      return inner.build();
    };
    const b = new GraphBuilder();
    b.input("x", "float32", ["N", 4]);
    const attributes = { then_branch: branch(then), else_branch: branch(otherwise) };
    const [y] = b.call({ op: "If", inputs: [b.input("c", "bool", [])], attributes, outputs: ["y"] });
    b.output(y!);
    return b.model();
  };
  const bad = (b: GraphBuilder) => b.op("Transpose", ["x"], { perm: [0, 1, 2] });

  it("does not stand in the way of the one that is", () => {
    expect(typeText(inferTypes(choose(bad, (b) => b.op("Neg", ["x"]))).get("y")!)).toBe("float32[N,4]");
    expect(typeText(inferTypes(choose((b) => b.op("Transpose", ["x"]), bad)).get("y")!)).toBe("float32[4,N]");
  });

  it("is an error when the other cannot be taken either", () => {
    expect(() => inferTypes(choose(bad, bad))).toThrow(expect.objectContaining({ code: "onnx/bad-shape" }));
  });
});

describe("specialising", () => {
  it("names the free sizes when a name is none of them", () => {
    const model = load("examples/models/digits.onnx");
    expect(() => specialise(model, { M: 4 })).toThrow(
      expect.objectContaining({ code: "onnx/bad-rewrite", hint: "did you mean `N`?" }),
    );
    expect(() => specialise(model, { N: 1.5 })).toThrow(expect.objectContaining({ code: "onnx/bad-rewrite" }));
  });

  it("binds sizes without a name by input and place", () => {
    const fixed = specialise(load("test/fixtures/models/sk_logreg_digits.onnx"), { "X.0": 5 });
    expect(fixed.graph.outputs.map(({ type }) => typeText(type!))).toEqual(["int64[5]", "float32[5,10]"]);
  });

  it("leaves a graph without shape arithmetic", async () => {
    const model = load("test/fixtures/gradients/text-script/model.onnx");
    await expect(printModel(specialise(model, { N: 2 }))).toMatchFileSnapshot("../../../test/golden/text-script.specialised.txt");
  });
});

describe("the text form", () => {
  it("shows a model as a person would write it down", async () => {
    await expect(printModel(load("examples/models/digits.onnx"))).toMatchFileSnapshot("../../../test/golden/digits.onnx.txt");
  });

  it("shows names that could drive a terminal as what they are", () => {
    const b = new GraphBuilder({ name: "a\u001b[2Jb" });
    b.output(b.input("x y", "string", ["N\n", null]));
    expect(printModel(b.model())).toBe('opset 18\n"a\\\\u001b[2Jb"("x y": string[N\\u000a,?]) -> ("x y")');
  });
});
