import { describe, expect, it } from "vitest";
import { GraphBuilder, writeModel } from "../../../model/onnx/index.ts";
import { modelsConfig, sourcesOf } from "./config.ts";
import { batchedBy, gate } from "./load.ts";

/** A model whose one weight lies in `w.bin`. */
function withDataFile(): Uint8Array {
  const b = new GraphBuilder();
  b.initializer("w", {
    type: "float32",
    dims: [4],
    data: new Uint8Array(0),
    external: { location: "w.bin", offset: 0, length: 16 },
  });
  b.output(b.op("Mul", [b.input("x", "float32", ["N", 4]), "w"]), "float32", ["N", 4]);
  return writeModel(b.model());
}

describe("the gate", () => {
  const bytes = withDataFile();
  const file = { bytes, digest: `sha256:${"0".repeat(64)}` };
  const candidate = (externalData: Record<string, string>) => {
    const [source] = sourcesOf(modelsConfig.parse({ serve: [{ path: "m.onnx", externalData }] }));
    return { name: "m", version: "1", path: "m.onnx", stamp: "", source: source! };
  };

  it("lets a model keep weights in a file that is listed with its digest, and in no other", async () => {
    expect((await gate(candidate({ "w.bin": file.digest }), file)).contract.inputs[0]!.dims).toEqual(["N", 4]);
    const refusal = { code: "onnx/external-data" };
    await expect(gate(candidate({}), file)).rejects.toMatchObject(refusal);
    await expect(gate(candidate({ "v.bin": file.digest }), file)).rejects.toMatchObject(refusal);
  });
});

describe("a run is shared", () => {
  const proven = { independent: true, deviation: 0, proven: true } as const;
  const onlyTried = { independent: true, deviation: 0, proven: false, at: "Mul" } as const;

  it("by anyone, where the graph proves that rows keep apart or somebody vouches for the model", () => {
    expect(batchedBy("anyone", "process", proven)).toBe("anyone");
    expect(batchedBy("anyone", "worker", onlyTried)).toBe("anyone");
    expect(batchedBy("principal", "worker", proven)).toBe("principal");
  });

  it("by one principal only, where it was merely tried and nobody vouches for the model", () => {
    expect(batchedBy("anyone", "process", onlyTried)).toBe("principal");
  });
});
