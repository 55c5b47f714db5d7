/** Reads the .npy files of the fixtures: version 1, C order, float32 or int64. */
import { readFileSync } from "node:fs";
import { makeTensor } from "../../src/model/onnx/index.ts";
import type { Tensor } from "../../src/model/onnx/index.ts";

export function readNpy(path: string | URL): Tensor {
  const bytes = readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  const header = bytes.subarray(10, start).toString();
  const dims = /'shape': \(([^)]*)\)/
    .exec(header)![1]!
    .split(",")
    .filter((part) => part.trim() !== "");
  const type = header.includes("<i8") ? "int64" : "float32";
  return makeTensor(type, dims.map(Number), new Uint8Array(bytes.subarray(start)));
}
