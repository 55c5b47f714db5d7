import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { costOf, GraphBuilder, readModel, tensorOf, writeModel } from "./index.ts";
import type { Attribute, Model, ModelFunction, Node } from "./index.ts";

const root = join(import.meta.dirname, "../../..");
const load = (path: string): Model => readModel(new Uint8Array(readFileSync(join(root, path))));

/** A model of one output, through bytes, as it would come from outside. */
function outside(build: (b: GraphBuilder) => string, opset = 18, functions: readonly ModelFunction[] = []): Uint8Array {
  const b = new GraphBuilder({
    opsets: new Map([
      ["", opset],
      ["evil", 1],
    ]),
  });
  b.output(build(b), "float32");
  return writeModel({ ...b.model(), functions });
}

const float = (b: GraphBuilder, dims: readonly number[]): string =>
  b.constant(
    tensorOf(
      "float32",
      dims,
      Array.from({ length: dims.reduce((x, y) => x * y, 1) }, () => 1),
    ),
  );

function chain(b: GraphBuilder, start: string, { length, step }: { length: number; step: (value: string) => string }): string {
  let value = start;
  for (let i = 0; i < length; i++) value = step(value);
  return value;
}

/** A body for Loop that keeps going: condition true, then what `carry` makes of the carried value. */
function loopBody(carry: (b: GraphBuilder, value: string) => string): Attribute {
  const b = new GraphBuilder({ name: "body" });
  b.input("i", "int64", []);
  b.input("go", "bool", []);
  b.input("v", "float32");
  b.output(b.op("Identity", ["go"]), "bool", []);
  b.output(carry(b, "v"));
  return { kind: "graph", value: b.build() };
}

const call = (op: string, inputs: string[], outputs: string[]): Node => ({
  op,
  domain: "evil",
  name: "",
  inputs,
  outputs,
  attributes: new Map(),
});

/** Billion laughs: each function calls the next one ten times. */
const laughs: readonly ModelFunction[] = Array.from({ length: 12 }, (_, level) => ({
  name: `L${level}`,
  domain: "evil",
  inputs: ["x"],
  outputs: ["y9"],
  attributes: [],
  defaults: new Map(),
  opsets: new Map([
    ["", 18],
    ["evil", 1],
  ]),
  nodes: Array.from({ length: 10 }, (_, i) =>
    level === 11
      ? { ...call("Neg", [i === 0 ? "x" : `y${i - 1}`], [`y${i}`]), domain: "" }
      : call(`L${level + 1}`, [i === 0 ? "x" : `y${i - 1}`], [`y${i}`]),
  ),
}));

const recursive: readonly ModelFunction[] = [
  { ...laughs[0]!, name: "A", outputs: ["y"], nodes: [call("B", ["x"], ["y"])] },
  { ...laughs[0]!, name: "B", outputs: ["y"], nodes: [call("A", ["x"], ["y"])] },
];

const big = 150_000_000;
const bombs: Readonly<Record<string, Uint8Array>> = {
  ConstantOfShape: outside((b) => b.op("ConstantOfShape", [b.ints([big])])),
  "a shape folded from arithmetic": outside((b) =>
    b.op("ConstantOfShape", [b.op("Mul", [b.op("Concat", [b.ints([1000]), b.ints([500])], { axis: 0 }), b.ints([300])])]),
  ),
  Expand: outside((b) => b.op("Expand", [float(b, [1]), b.ints([big])])),
  Tile: outside((b) => b.op("Tile", [float(b, [1]), b.ints([big])])),
  Range: outside((b) => b.op("Range", [b.scalar("float32", 0), b.scalar("float32", big), b.scalar("float32", 1)])),
  RandomNormal: outside((b) => b.op("RandomNormal", [], { shape: [2 ** 16, 2 ** 16] })),
  RandomUniform: outside((b) => b.op("RandomUniform", [], { shape: [2 ** 16, 2 ** 16] })),
  EyeLike: outside((b) => b.op("EyeLike", [b.op("ConstantOfShape", [b.ints([9000, 9000])])])),
  Pad: outside((b) => b.op("Pad", [float(b, [1]), b.ints([0, big])])),
  Resize: outside((b) => b.op("Resize", [float(b, [1]), undefined, b.constant(tensorOf("float32", [1], [big]))])),
  "Resize to a size": outside((b) => b.op("Resize", [float(b, [1]), undefined, undefined, b.ints([big])])),
  Upsample: outside((b) => b.op("Upsample", [float(b, [1]), b.constant(tensorOf("float32", [1], [big]))]), 9),
  OneHot: outside((b) => b.op("OneHot", [b.ints([1]), b.scalar("int64", big), b.constant(tensorOf("float32", [2], [0, 1]))])),
  "Concat with itself": outside((b) => chain(b, float(b, [2]), { length: 40, step: (v) => b.op("Concat", [v, v], { axis: 0 }) })),
  "Concat with itself past 2^53": outside((b) =>
    chain(b, float(b, [2]), { length: 80, step: (v) => b.op("Concat", [v, v], { axis: 0 }) }),
  ),
  "Concat of an input with itself": outside((b) =>
    chain(b, b.input("x", "float32", ["N", 4]), { length: 60, step: (v) => b.op("Concat", [v, v], { axis: 1 }) }),
  ),
  "Add of a row and a column": outside((b) => b.op("Add", [float(b, [10_000, 1]), float(b, [1, 10_000])])),
  "MatMul of a column and a row": outside((b) => b.op("MatMul", [float(b, [10_000, 1]), float(b, [1, 10_000])])),
  Einsum: outside((b) => b.op("Einsum", [float(b, [600]), float(b, [600]), float(b, [600])], { equation: "i,j,k->ijk" })),
  "Einsum that only computes": outside((b) =>
    b.op("Einsum", [float(b, [3000]), float(b, [3000]), float(b, [3000]), float(b, [3000])], { equation: "i,j,k,l->" }),
  ),
  ConvTranspose: outside((b) =>
    b.op("ConvTranspose", [b.input("x", "float32", ["N", 1, 100, 100]), float(b, [1, 1, 1, 1])], { strides: [1000, 1000] }),
  ),
  "ConvTranspose by output_shape": outside((b) =>
    b.op("ConvTranspose", [b.input("x", "float32", ["N", 1, 8, 8]), float(b, [1, 1, 3, 3])], { output_shape: [60_000, 60_000] }),
  ),
  "a Loop that counts far": outside(
    (b) =>
      b.call({
        op: "Loop",
        inputs: [b.scalar("int64", 2 ** 40), b.constant(tensorOf("bool", [], [1])), float(b, [1])],
        attributes: { body: loopBody((body, v) => body.op("Neg", [v])) },
      })[0]!,
  ),
  "a Loop that grows": outside(
    (b) =>
      b.call({
        op: "Loop",
        inputs: [b.scalar("int64", 50), b.constant(tensorOf("bool", [], [1])), float(b, [1])],
        attributes: { body: loopBody((body, v) => body.op("Concat", [v, v], { axis: 0 })) },
      })[0]!,
  ),
  "a Loop in a Loop in a Loop": outside((b) => {
    const nest = (depth: number): Attribute =>
      loopBody((body, v) =>
        depth === 0
          ? body.op("Neg", [v])
          : body.call({ op: "Loop", inputs: [body.scalar("int64", 60), "go", v], attributes: { body: nest(depth - 1) } })[0]!,
      );
    return b.call({
      op: "Loop",
      inputs: [b.scalar("int64", 60), b.constant(tensorOf("bool", [], [1])), float(b, [1])],
      attributes: { body: nest(6) },
    })[0]!;
  }),
  "a Scan over a long constant": outside((b) => {
    const body = new GraphBuilder({ name: "body" });
    body.output(body.op("Expand", [body.input("s", "float32", []), body.ints([100_000])]));
    return b.call({
      op: "Scan",
      inputs: [float(b, [10_000])],
      attributes: { body: body.build(), num_scan_inputs: 1 },
    })[0]!;
  }),
  "functions that call functions": outside((b) => b.call({ op: "L0", domain: "evil", inputs: [float(b, [1])] })[0]!, 18, laughs),
  "a sequence joined with itself": outside((b) =>
    chain(b, float(b, [4]), {
      length: 40,
      step: (v) => b.op("ConcatFromSequence", [b.op("SequenceConstruct", [v, v, v])], { axis: 0 }),
    }),
  ),
  "a sparse constant": outside((b) =>
    b.op("Constant", [], {
      sparse_value: { dims: [2 ** 14, 2 ** 14], values: tensorOf("float32", [1], [1]), indices: tensorOf("int64", [1], [0]) },
    }),
  ),
  "a branch of an If": outside((b) => {
    const branch = (size: number) => {
      const inner = new GraphBuilder({ name: "branch" });
      inner.output(inner.op("ConstantOfShape", [inner.ints([size])]));
      return inner.build();
    };
    const attributes = { then_branch: branch(1), else_branch: branch(big) };
    return b.call({ op: "If", inputs: [b.input("c", "bool", [])], attributes })[0]!;
  }),
  "an input of huge declared size": outside((b) => b.op("Neg", [b.input("x", "float32", [2 ** 31, 2 ** 31])])),
  MelWeightMatrix: outside((b) =>
    b.op("MelWeightMatrix", [
      b.scalar("int64", 10_000),
      b.scalar("int64", 100_000),
      b.scalar("int64", 8000),
      b.scalar("float32", 0),
      b.scalar("float32", 4000),
    ]),
  ),
};

describe("a bomb", () => {
  it.for(Object.entries(bombs))("is refused before anything is computed: %s", ([, bytes]) => {
    const model = readModel(bytes);
    const start = process.cpuUsage();
    expect(() => costOf(model)).toThrow(expect.objectContaining({ code: "onnx/too-costly" }));
    // Nothing was computed: it would have taken minutes. Time of the processor, not of a clock that runs while others work.
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
  });

  it("of few bytes stays small on our side", () => {
    expect(bombs.ConstantOfShape!.length).toBeLessThan(150);
  });

  it("is refused at the node that lights it", () => {
    expect(() => costOf(readModel(bombs["Concat with itself"]!))).toThrow(/node `Concat → concat_\d+` would bring the model to/);
  });

  it("of functions that call each other in a circle is refused", () => {
    const bytes = outside((b) => b.call({ op: "A", domain: "evil", inputs: [float(b, [1])] })[0]!, 18, recursive);
    expect(() => costOf(readModel(bytes))).toThrow(expect.objectContaining({ code: "onnx/bad-graph" }));
  });

  it("that only waits for data is listed, not refused", () => {
    const bytes = outside((b) => b.op("Expand", [float(b, [1]), b.input("shape", "int64", [2])]));
    expect(costOf(readModel(bytes)).unbounded).toEqual([{ node: "Expand → expand", reason: "its size depends on data" }]);
  });

  it("is not hidden by what the file says of its shapes", () => {
    const b = new GraphBuilder();
    const y = b.op("Expand", [float(b, [1]), b.ints([big])]);
    b.annotate({ name: y, type: { kind: "tensor", elementType: "float32", dims: [1] } });
    b.output(y, "float32", [1]);
    expect(() => costOf(b.model())).toThrow(expect.objectContaining({ code: "onnx/too-costly" }));
  });
});

describe("what a model may reach", () => {
  const foreign = outside(
    (b) => b.call({ op: "FusedThing", domain: "com.microsoft", inputs: [b.input("x", "float32", [1])] })[0]!,
  );

  it("are standard operators, unless a domain is allowed by name", () => {
    expect(() => costOf(readModel(foreign))).toThrow(expect.objectContaining({ code: "onnx/foreign-domain" }));
    expect(costOf(readModel(foreign), { allowDomains: ["com.microsoft"] }).unbounded).toHaveLength(1);
  });

  const withData = (location: string): Model => {
    const b = new GraphBuilder();
    b.initializer("w", { type: "float32", dims: [4], data: new Uint8Array(0), external: { location, offset: 0, length: 16 } });
    b.output(b.op("Neg", ["w"]));
    return readModel(writeModel(b.model()));
  };

  it("is no data outside the file, unless it is listed with a digest", () => {
    const externalData = new Map([["w.bin", { digest: `sha256:${"0".repeat(64)}` }]]);
    expect(() => costOf(withData("w.bin"))).toThrow(expect.objectContaining({ code: "onnx/external-data" }));
    expect(costOf(withData("w.bin"), { externalData }).parameterBytes).toBe(16);
  });

  it.for([
    "../w.bin",
    "a/../../w.bin",
    "/etc/passwd",
    "C:\\w.bin",
    "\\\\host\\share",
    "a\u0000b",
    "",
    "a//b",
    "*/_ORT_MEM_ADDR_/*",
    "file:w",
  ])("is never data at %j, listed or not", (location) => {
    const externalData = new Map([[location, { digest: "" }]]);
    expect(() => costOf(withData(location), { externalData })).toThrow(expect.objectContaining({ code: "onnx/external-data" }));
  });
});

describe("the estimate", () => {
  it("counts parameters and operations of the digit classifier", () => {
    const report = costOf(load("examples/models/digits.onnx"));
    expect(report).toMatchObject({ nodes: 8, parameters: 166_406, parameterBytes: 665_624, constantBytes: 0, unbounded: [] });
    // Two convolutions and two dense layers, counted by hand: 2 · (12544·1·16 + …) within a tenth.
    expect(report.flops).toBeGreaterThan(1e6);
    expect(report.flops).toBeLessThan(2e6);
  });

  it("grows with the rows, and each size can be bound by name", () => {
    const model = load("examples/models/digits.onnx");
    const one = costOf(model);
    const many = costOf(model, { rows: 64 });
    expect(many.activationBytes).toBe(64 * one.activationBytes);
    expect(costOf(model, { bind: { N: 64 } })).toEqual({ ...many, rows: 1 });
  });

  it("refuses by limits that the caller sets", () => {
    expect(() => costOf(load("examples/models/digits.onnx"), { limits: { maxFlops: 1000 } })).toThrow(
      /raise maxFlops|would bring/,
    );
  });
});
