/** Tensor values in the typed fields of TensorProto, for tensors that were read from there and are written back unchanged. */
import { elementBits } from "../tensor.ts";
import type { Tensor } from "../tensor.ts";
import type { WireWriter } from "./wire-writer.ts";

/** Writes the values when their field number satisfies `wanted`; nothing for a tensor without elements, as protobuf does. */
export function writeTyped(w: WireWriter, tensor: Tensor, wanted: (field: number) => boolean): void {
  const { type, data } = tensor;
  if (data.length === 0) return;
  const field = typedField(type);
  if (!wanted(field)) return;
  if (field === 4 || field === 10) w.raw(field, data);
  else w.packedVarints(field, integers(tensor));
}

/** Which field of TensorProto holds a type's values. */
export function typedField(type: Tensor["type"]): 4 | 5 | 7 | 10 | 11 {
  if (type === "float32" || type === "complex64") return 4;
  if (type === "float64" || type === "complex128") return 10;
  if (type === "int64") return 7;
  return type === "uint32" || type === "uint64" ? 11 : 5;
}

function* integers({ type, data }: Tensor): Generator<number | bigint> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const bits = elementBits(type);
  if (bits === 6) return yield* sixBits(data);
  const width = Math.max(1, bits / 8);
  for (let at = 0; at < data.length; at += width) {
    if (type === "int64") yield view.getBigInt64(at, true);
    else if (type === "uint64") yield view.getBigUint64(at, true);
    else if (type === "uint32") yield view.getUint32(at, true);
    else if (type === "int32") yield view.getInt32(at, true);
    else if (type === "int16") yield view.getInt16(at, true);
    else if (type === "int8") yield view.getInt8(at);
    else if (width === 2) yield view.getUint16(at, true);
    else yield view.getUint8(at);
  }
}

function* sixBits(data: Uint8Array): Generator<number> {
  const count = Math.floor((data.length * 8) / 6);
  for (let i = 0; i < count; i++) {
    const bit = i * 6;
    yield ((data[bit >> 3]! | ((data[(bit >> 3) + 1] ?? 0) << 8)) >> (bit & 7)) & 63;
  }
}
