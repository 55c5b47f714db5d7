/** The `.npy` files of the fixtures. */
import { readFileSync } from "node:fs";
import { readNpy as parseNpy } from "../../src/model/data/index.ts";
import type { Tensor } from "../../src/model/onnx/index.ts";

export function readNpy(path: string | URL): Tensor {
  return parseNpy(new Uint8Array(readFileSync(path)), String(path));
}
