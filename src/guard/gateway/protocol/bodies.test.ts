import { describe, expect, it } from "vitest";
import type { ModelContract } from "../../../model/onnx/index.ts";
import { modelMetadata, serverMetadata } from "./bodies.ts";

const contract: ModelContract = {
  inputs: [
    { name: "image", type: "float32", dims: ["batch", 1, null, 28], min: 0, max: 1 },
    { name: "city", type: "string", dims: ["batch"], allowed: ["Oslo"] },
  ],
  outputs: [{ name: "score", type: "float16", dims: [4, 10] }],
  batch: "dynamic",
  maxBatch: 64,
};

describe("metadata", () => {
  it("names the extensions that the server has", () => {
    expect(serverMetadata("1.2.3")).toEqual({
      name: "modelkeep",
      version: "1.2.3",
      extensions: ["binary_tensor_data", "parameters"],
    });
  });

  it("shows the contract: -1 for what the client chooses, names, ranges and values beside it", () => {
    const dimRanges = new Map([["batch", { min: 1, max: 8 }]]);
    expect(modelMetadata({ name: "m", versions: ["1", "2"], contract: { ...contract, dimRanges } })).toEqual({
      name: "m",
      versions: ["1", "2"],
      platform: "onnxruntime_onnx",
      inputs: [
        { name: "image", datatype: "FP32", shape: [-1, 1, -1, 28], parameters: { dims: ["batch", 1, -1, 28], min: 0, max: 1 } },
        { name: "city", datatype: "BYTES", shape: [-1], parameters: { dims: ["batch"], allowed: ["Oslo"] } },
      ],
      outputs: [{ name: "score", datatype: "FP16", shape: [4, 10] }],
      parameters: { max_batch: 64, dim_ranges: { batch: [1, 8] } },
    });
  });

  it("shows as largest batch what a request can have", () => {
    const maxBatch = (changed: Partial<ModelContract>) =>
      modelMetadata({ name: "m", versions: [], contract: { ...contract, ...changed } }).parameters.max_batch;
    expect(maxBatch({})).toBe(64);
    expect(maxBatch({ batch: "none" })).toBe(1);
    expect(maxBatch({ batch: "fixed", inputs: [{ name: "x", type: "float32", dims: [16, 3] }] })).toBe(16);
  });
});
