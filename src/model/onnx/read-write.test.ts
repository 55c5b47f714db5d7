import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  GraphBuilder,
  elementTypes,
  indexOf,
  readModel,
  stringTensor,
  tensorOf,
  toNumbers,
  typedArray,
  writeModel,
} from "./index.ts";
import type { Model, Tensor } from "./index.ts";
import { gradientModel, gradientModels } from "../../../test/helpers/gradient-models.ts";
import { WireWriter } from "./proto/wire-writer.ts";

const root = join(import.meta.dirname, "../../..");
const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(join(root, path)));
const digits = bytesOf("examples/models/digits.onnx");
const files: readonly (readonly [string, Uint8Array])[] = [
  ["digits", digits],
  ["mnist_logreg", bytesOf("test/fixtures/models/mnist_logreg.onnx")],
  ...gradientModels.map((name) => [name, gradientModel(name)] as const),
];
const refused = (code: string, bytes: Uint8Array, limits = {}) =>
  expect(() => readModel(bytes, limits)).toThrow(expect.objectContaining({ code }));

/** A model file by hand: `write` fills the graph, `after` adds fields to the model. */
function file(write: (w: WireWriter) => void, after: (w: WireWriter) => void = () => {}): Uint8Array {
  const w = new WireWriter();
  w.int64(1, 8);
  w.message(7, () => write(w));
  w.message(8, () => w.int64(2, 18));
  after(w);
  return w.finish();
}

/** A tensor by hand, as the one initializer of a graph. */
const initializer = (write: (w: WireWriter) => void): Tensor =>
  readModel(
    file((w) =>
      w.message(5, () => {
        w.text(8, "t");
        write(w);
      }),
    ),
  ).graph.initializers.get("t")!;

describe("reading and writing", () => {
  it.for(files)("%s comes back bit by bit", ([, bytes]) => {
    const model = readModel(bytes);
    expect(model.dropped).toEqual([]);
    expect(Buffer.compare(writeModel(model), bytes)).toBe(0);
  });

  it("keeps the meaning of a file that says things twice, and settles after one writing", () => {
    const model = readModel(bytesOf("test/fixtures/models/sk_logreg_digits.onnx"));
    expect([...model.opsets]).toEqual([
      ["ai.onnx.ml", 1],
      ["", 17],
    ]);
    const once = writeModel(model);
    expect(readModel(once).graph).toEqual(model.graph);
    expect(writeModel(readModel(once))).toEqual(once);
  });

  it("does not copy weights", () => {
    const bytes = digits;
    for (const tensor of readModel(bytes).graph.initializers.values()) expect(tensor.data.buffer).toBe(bytes.buffer);
  });

  it("reads a large file without touching its weights", () => {
    const b = new GraphBuilder();
    b.initializer("w", { type: "float32", dims: [2 ** 22], data: new Uint8Array(2 ** 24) });
    const bytes = writeModel(b.model());
    const weights = readModel(bytes).graph.initializers.get("w")!;
    expect(weights.data.buffer).toBe(bytes.buffer);
    expect(weights.data.length).toBe(2 ** 24);
  });

  it("carries every kind of attribute, type and constant", () => {
    const b = new GraphBuilder({ opsets: new Map([["", 18], ["my.domain", 1]]) }); // oxfmt-ignore
    const body = new GraphBuilder({ name: "body" });
    body.output(body.scalar("float32", 1), "float32", []);
    b.call({
      op: "Everything",
      domain: "my.domain",
      inputs: [undefined, b.input("x", "float32", ["N", 3, null])],
      attributes: {
        i: 2n ** 62n,
        f: 0.5,
        s: "naïve",
        is: [1, -2],
        fs: [0.5, 1.25],
        ss: ["a", ""],
        t: tensorOf("float16", [2], [1, 2]),
        st: stringTensor([1], ["猫"]),
        g: body.build(),
        ty: {
          kind: "type",
          value: { kind: "map", key: "int64", of: { kind: "sequence", of: { kind: "tensor", elementType: "bool" } } },
        },
        sp: { dims: [4], values: tensorOf("float32", [1], [3]), indices: tensorOf("int64", [1], [2]) },
        ref: { kind: "reference", value: "outer", of: "floats" },
      },
      outputs: ["y", ""],
    });
    b.output("y");
    const model = { ...b.model(), functions: readModel(writeModel(withFunction())).functions, metadata: new Map([["k", "v"]]) };
    const again = readModel(writeModel(model));
    expect(again).toEqual({ ...model, dropped: [] });
    expect(writeModel(again)).toEqual(writeModel(model));
  });

  it.for(elementTypes.filter((type) => type !== "string" && !type.startsWith("complex")))(
    "takes %s from its typed field",
    (type) => {
      // E8M0 has no zero.
      const values = type === "float8e8m0" ? [1, 2, 1, 1, 4] : [1, 0, 1, 1, 0];
      const tensor = tensorOf(type, [5], values);
      const b = new GraphBuilder();
      b.initializer("t", tensor);
      const typed = initializer((w) => {
        w.int64(1, 5);
        w.int64(2, elementTypes.indexOf(type) + 1);
        writeTypedByHand(w, tensor);
      });
      expect(toNumbers(typed)).toEqual(values);
    },
  );
});

function withFunction(): Model {
  const b = new GraphBuilder();
  b.op("Neg", ["x"]);
  const { nodes } = b.build();
  const fn = {
    name: "F",
    domain: "my.domain",
    inputs: ["x"],
    outputs: [nodes[0]!.outputs[0]!],
    attributes: ["must"],
    defaults: new Map([["alpha", { kind: "float" as const, value: 2 }]]),
    nodes,
    opsets: new Map([["", 18]]),
  };
  return { ...b.model(), functions: [fn] };
}

/** One entry per field, not packed: the form old writers used. */
function writeTypedByHand(w: WireWriter, tensor: Tensor): void {
  if (tensor.type === "float32") return typedArray(tensor, "float32").forEach((value) => w.float(4, value));
  if (tensor.type === "float64") return w.raw(10, tensor.data);
  if (tensor.type === "int64" || tensor.type === "uint64") {
    for (const value of typedArray(tensor, tensor.type)) w.int64(tensor.type === "int64" ? 7 : 11, value);
    return;
  }
  if (tensor.type === "uint32") return typedArray(tensor, "uint32").forEach((value) => w.int64(11, value));
  if (tensor.type === "int32") return typedArray(tensor, "int32").forEach((value) => w.int64(5, value));
  if (tensor.type.startsWith("float6")) {
    const codes = [...tensor.data].reduce((bits, byte, i) => bits | (BigInt(byte) << BigInt(8 * i)), 0n);
    for (let i = 0; i < 5; i++) w.int64(5, (codes >> BigInt(6 * i)) & 63n);
    return;
  }
  const wide = ["float16", "bfloat16", "int16", "uint16"].includes(tensor.type);
  for (const value of wide ? new Uint16Array(tensor.data.slice().buffer) : tensor.data) w.int64(5, value);
}

describe("a file that lies", () => {
  it("is refused when a field that other parsers would merge appears twice", () => {
    const twice = file(
      () => {},
      (w) => w.message(7, () => {}),
    );
    refused("onnx/malformed", twice);
  });

  it("is refused when a tensor's data is not what its dimensions say", () => {
    const bad = (dims: number[], bytes: number) =>
      expect(() =>
        initializer((w) => {
          for (const dim of dims) w.int64(1, dim);
          w.int64(2, 1);
          w.raw(9, new Uint8Array(bytes));
        }),
      ).toThrow(expect.objectContaining({ code: "onnx/bad-tensor", message: expect.stringContaining("`t`") }));
    bad([3], 8);
    bad([-1], 4);
    bad([2 ** 32, 2 ** 32], 4);
    bad([2 ** 52, 2 ** 52], 0);
  });

  it("is refused when it goes over a limit", () => {
    const b = new GraphBuilder();
    b.output(b.op("Neg", [b.op("Neg", [b.input("x", "float32", [1])])]));
    const bytes = writeModel(b.model());
    refused("onnx/too-large", bytes, { maxNodes: 1 });
    refused("onnx/too-large", bytes, { maxBytes: 10 });
    refused("onnx/too-large", bytes, { maxTextBytes: 2 });
    refused("onnx/too-large", bytes, { maxDepth: 2 });
    refused("onnx/too-large", bytes, { maxMessages: 3 });
  });

  it("does not overflow the stack by nesting", () => {
    let inner = new GraphBuilder().build();
    for (let i = 0; i < 200; i++) {
      const b = new GraphBuilder();
      b.call({ op: "Loop", inputs: [], outputs: [], attributes: { body: inner } });
      inner = b.build();
    }
    refused("onnx/too-large", writeModel({ ...new GraphBuilder().model(), graph: inner }));
  });

  it("is refused by a typed error wherever it is cut", () => {
    const bytes = gradientModel("mlp-script");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (end) => {
        expect(() => readModel(bytes.subarray(0, end))).toThrow(expect.objectContaining({ name: "ModelkeepError" }));
      }),
    );
  });
});

describe("building and looking up", () => {
  it("continues a graph without changing it, with names that are free", () => {
    const model = readModel(digits);
    const before = writeModel(model);
    const b = GraphBuilder.from(model);
    const logits = model.graph.outputs[0]!.name;
    expect(b.fresh(logits)).toBe(`${logits}_1`);
    b.output(b.op("Softmax", [logits], { axis: -1 }));
    const graph = b.build();
    expect(graph.nodes).toHaveLength(model.graph.nodes.length + 1);
    expect(
      indexOf(graph)
        .consumers(logits)
        .map(({ op }) => op),
    ).toEqual(["Softmax"]);
    expect(indexOf(graph).producer(logits)).toBe(indexOf(model.graph).producer(logits));
    expect(writeModel(model)).toEqual(before);
  });

  it("takes ints and floats as the operator's definition says", () => {
    const b = new GraphBuilder();
    b.op("LeakyRelu", ["x"], { alpha: 1 });
    b.op("Concat", ["x"], { axis: 1 });
    expect(b.build().nodes.map(({ attributes }) => attributes.get("alpha") ?? attributes.get("axis"))).toEqual([
      { kind: "float", value: 1 },
      { kind: "int", value: 1 },
    ]);
    expect(() => b.op("Concat", ["x"], { axis: 1.5 })).toThrow(expect.objectContaining({ code: "onnx/bad-rewrite" }));
    expect(() => b.initializer("concat", tensorOf("float32", [], [1]))).toThrow(
      expect.objectContaining({ code: "onnx/bad-rewrite" }),
    );
  });

  it("counts what a subgraph reads from outside as a use", () => {
    const body = new GraphBuilder({ name: "then" });
    body.output(body.op("Neg", ["outer"]));
    const b = new GraphBuilder();
    b.call({ op: "If", inputs: ["cond"], attributes: { then_branch: body.build(), else_branch: body.build() } });
    const graph = b.build();
    expect(indexOf(graph).consumers("outer")).toEqual([graph.nodes[0]]);
  });
});
