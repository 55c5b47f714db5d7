/**
 * Tensor data in binary form (Triton's "Binary Tensor Data Extension"): little-endian, row-major, no padding. BOOL is one byte, 0 or 1;
 * each element of BYTES is a 4-byte little-endian length and its bytes, which here must be UTF-8, because ONNX strings are.
 */
import { isUtf8 } from "node:buffer";
import { elementBits, elementCount, type Tensor } from "../../../model/onnx/index.ts";
import { datatypeOf } from "./datatypes.ts";
import type { TensorHead } from "./json-tensor.ts";
import { refuse } from "./refuse.ts";

/**
 * Reads one tensor from its section of the body. The result is a view of the section where its elements lie on
 * their natural alignment, and a copy otherwise.
 *
 * @throws `gateway/wrong-size` when the section is not as long as shape and datatype say; `gateway/bad-value` for a BOOL
 *   other than 0 and 1, and for BYTES that are not UTF-8
 */
export function readBinaryTensor(section: Uint8Array, head: TensorHead): Tensor {
  const { type, dims } = head;
  const count = elementCount(dims);
  if (type === "string") return { type, dims, data: new Uint8Array(0), strings: readStrings(section, head, count) };
  const size = elementBits(type) / 8;
  if (section.length !== count * size) {
    throw refuse(
      "gateway/wrong-size",
      `${head.label()} has ${section.length} bytes; shape [${dims.join(",")}] of ${datatypeOf(type)} takes ${count * size}`,
      "send as many bytes as the shape and datatype say, and the same number as `binary_data_size`",
    );
  }
  if (type === "bool") checkBooleans(section, head);
  return { type, dims, data: section.byteOffset % size === 0 ? section : new Uint8Array(section) };
}

function checkBooleans(section: Uint8Array, { label }: TensorHead): void {
  for (let index = 0; index < section.length; index++) {
    if (section[index]! > 1) {
      const message = `element ${index} of ${label()} is the byte ${section[index]}, which is no BOOL`;
      throw refuse("gateway/bad-value", message, "send one byte for each element: 1 for true, 0 for false");
    }
  }
}

function readStrings(section: Uint8Array, head: TensorHead, count: number): string[] {
  // INVARIANT: the loop ends at the section, not at `count`, so a shape cannot make it longer than its bytes.
  const bytes = Buffer.from(section.buffer, section.byteOffset, section.length);
  const strings: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (strings.length === count) throw wrongStrings(head, `more than ${count} elements`);
    if (bytes.length - at < 4) throw wrongStrings(head, `a length cut short at byte ${at}`);
    const length = bytes.readUInt32LE(at);
    const start = at + 4;
    if (length > bytes.length - start) {
      throw wrongStrings(head, `an element of ${length} bytes at byte ${at}, where ${bytes.length - start} are left`);
    }
    at = start + length;
    if (!isUtf8(bytes.subarray(start, at))) {
      throw refuse(
        "gateway/bad-value",
        `element ${strings.length} of ${head.label()} is not UTF-8, and a model's strings are`,
        "encode text as UTF-8; encode other bytes, for instance in base64, as the model expects them",
      );
    }
    strings.push(bytes.toString("utf8", start, at));
  }
  if (strings.length < count) throw wrongStrings(head, `${strings.length} elements`);
  return strings;
}

function wrongStrings({ label, dims }: TensorHead, found: string): Error {
  return refuse(
    "gateway/wrong-size",
    `the BYTES of ${label()} with shape [${dims.join(",")}] hold ${found}`,
    "send each element as its length (4 bytes, little-endian) followed by its bytes",
  );
}
