import { describe, expect, it } from "vitest";
import { externalLocations, GraphBuilder, makeTensor, tensorOf, writeModel } from "../onnx/index.ts";
import type { Graph, Tensor } from "../onnx/index.ts";
import { checkExternalData } from "./external.ts";

const outside = (location: string): Tensor => ({
  ...makeTensor("float32", [0], new Uint8Array(0)),
  dims: [4],
  external: { location, offset: 0, length: 16 },
});

/** x + w, with w kept elsewhere. */
function adds(location: string): Graph {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", [4]);
  b.output(b.op("Add", [x, b.initializer("w", outside(location))]), "float32", [4]);
  return b.build();
}

/** The location hidden in the branch of an If. */
function hidden(location: string): Uint8Array {
  const branch = (at: string): Graph => {
    const inner = new GraphBuilder();
    inner.output(inner.op("Identity", [inner.initializer("w", outside(at))]), "float32", [4]);
    return inner.build();
  };
  const b = new GraphBuilder();
  const c = b.input("c", "bool", []);
  b.output(b.op("If", [c], { then_branch: branch("a.bin"), else_branch: branch(location) }), "float32", [4]);
  return writeModel(b.model());
}

const model = (graph: Graph): Uint8Array => writeModel(new GraphBuilder({ from: graph }).model());

describe("data outside the model file", () => {
  it("is refused when it was not given, wherever in the model it is named", () => {
    for (const bytes of [model(adds("/etc/hostname")), hidden("../secret")]) {
      expect(() => checkExternalData(bytes, new Map([["a.bin", new Uint8Array(16)]]))).toThrow(
        expect.objectContaining({ code: "runtime/external-data", status: 422 }),
      );
    }
  });

  it("passes when it was given under that very name", () => {
    expect(() => checkExternalData(model(adds("w.bin")), new Map([["w.bin", new Uint8Array(16)]]))).not.toThrow();
  });

  it("is refused when it is an address in memory, even if somebody gave such a name", () => {
    const tag = "*/_ORT_MEM_ADDR_/*";
    expect(() => checkExternalData(model(adds(tag)), new Map([[tag, new Uint8Array(16)]]))).toThrow(
      expect.objectContaining({ code: "runtime/external-data" }),
    );
  });

  it("is found in constants, subgraphs and functions", () => {
    const b = new GraphBuilder();
    b.output(b.op("Constant", [], { value: outside("constant.bin") }), "float32", [4]);
    const inFunction = {
      ...b.model(),
      functions: [
        {
          name: "F",
          domain: "f",
          inputs: [],
          outputs: ["y"],
          attributes: [],
          defaults: new Map([["t", { kind: "tensor" as const, value: outside("default.bin") }]]),
          opsets: new Map([["", 18]]),
          nodes: adds("function.bin").nodes.concat({
            op: "Constant",
            domain: "",
            name: "",
            inputs: [],
            outputs: ["y"],
            attributes: new Map([["value", { kind: "tensor" as const, value: outside("body.bin") }]]),
          }),
        },
      ],
    };
    expect([...externalLocations(inFunction)].sort()).toEqual(["body.bin", "constant.bin", "default.bin"]);
  });

  it("does not concern a model that has none", () => {
    const b = new GraphBuilder();
    const x = b.input("x", "float32", [1]);
    b.output(b.op("Add", [x, b.initializer("w", tensorOf("float32", [1], [1]))]), "float32", [1]);
    expect(() => checkExternalData(writeModel(b.model()), undefined)).not.toThrow();
  });
});
