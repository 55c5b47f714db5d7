/** Bytes into a model. */
import { foreignFile } from "./foreign-file.ts";
import type { Model } from "./graph.ts";
import { readModelProto } from "./proto/read.ts";
import type { ReadLimits } from "./proto/read-state.ts";

/**
 * Reads an ONNX file. Weights stay views into `bytes`, which must not change while the model is in use.
 *
 * The result is well-formed, not yet sensible: `checkModel` says whether names, types and order hold, `costOf` what it would take to run.
 * @throws onnx/not-onnx · onnx/malformed · onnx/too-large · onnx/bad-tensor · onnx/unsupported
 * @example
 * const model = readModel(await readFile("digits.onnx"));
 * model.graph.inputs[0]?.name; // "input"
 */
export function readModel(bytes: Uint8Array, limits: Partial<ReadLimits> = {}): Model {
  foreignFile(bytes);
  return readModelProto(bytes, limits);
}
