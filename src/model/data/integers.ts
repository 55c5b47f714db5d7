import { unsupported } from "./refuse.ts";
import type { DataTensor } from "./tensor.ts";

/**
 * Whole numbers of any width as int64, which is what losses take as class numbers; booleans become 0 and 1.
 *
 * @param file how messages name the tensor
 * @throws data/unsupported for floats, text, and uint64 beyond int64
 * @example const labels = toInt64(await readNpyFile("y.npy"), "y.npy");
 */
export function toInt64(tensor: DataTensor, file = "labels"): DataTensor {
  if (tensor.type === "int64") return tensor;
  const values = integersOf(tensor);
  const hint = "store class numbers as whole numbers: `y.astype('int64')`";
  if (values === undefined) throw unsupported(file, `it holds ${tensor.type}, no whole numbers`, hint);
  const out = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = BigInt(values[i]!);
    if (value >= 2n ** 63n) throw unsupported(file, `element ${i} is ${value}, beyond int64`, hint);
    out[i] = value;
  }
  return { type: "int64", dims: tensor.dims, data: new Uint8Array(out.buffer) };
}

function integersOf({ type, data }: DataTensor): ArrayLike<number | bigint> | undefined {
  const at = [data.buffer as ArrayBuffer, data.byteOffset] as const;
  switch (type) {
    case "bool":
    case "uint8":
      return data;
    case "int8":
      return new Int8Array(...at, data.length);
    case "int16":
      return new Int16Array(...at, data.length / 2);
    case "uint16":
      return new Uint16Array(...at, data.length / 2);
    case "int32":
      return new Int32Array(...at, data.length / 4);
    case "uint32":
      return new Uint32Array(...at, data.length / 4);
    case "uint64":
      return new BigUint64Array(...at, data.length / 8);
    default:
      return undefined;
  }
}
