/** Runs a model directly, in the caller's thread: tests compare numbers, the runtime room has tests of its own. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Model, Tensor } from "../../src/model/onnx/index.ts";
import { makeTensor, writeModel } from "../../src/model/onnx/index.ts";

/** A loaded model. */
export interface Loaded {
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  close(): Promise<void>;
}

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
};

/** Loads a model into ONNX Runtime. */
export async function load(model: Model): Promise<Loaded> {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 } as const;
  const session = await InferenceSession.create(writeModel(model), options);
  return {
    async run(inputs) {
      const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toOrt(tensor)]));
      const results = await session.run(feeds);
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromOrt(tensor as OrtTensor)]));
    },
    close: () => session.release(),
  };
}

function toOrt({ type, dims, data }: Tensor): OrtTensor {
  const copy = data.slice();
  const array = new arrays[type as keyof typeof arrays](copy.buffer as ArrayBuffer);
  return new OrtTensor(type as "float32", array as Float32Array, dims);
}

function fromOrt({ type, dims, data }: OrtTensor): Tensor {
  const array = data as Float32Array;
  return makeTensor(type as "float32", dims, new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice());
}
