/** safetensors out: the header, padded to eight bytes with spaces, then the tensors in the order of their names. */

import { refused } from "../refuse.ts";
import type { FoundTensor } from "./tensor.ts";
import { elementsOf } from "./tensor.ts";

const bits: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  F32: 4,
  I32: 4,
  U32: 4,
  C64: 8,
};

/** Chunks to be written one after another. @throws scan/refused */
export function* writeSafetensors(tensors: readonly FoundTensor[]): Generator<Uint8Array> {
  const ordered = tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  let at = 0;
  const entries = ordered.map(({ name, dtype, shape }) => {
    const begin = at;
    at += elementsOf(shape) * (bits[dtype] ?? 8);
    return [name, { dtype, shape, data_offsets: [begin, at] }] as const;
  });
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(json.length / 8) * 8;
  if (length > 100_000_000) throw refused("the header would have more than the format's 100 MB");
  const head = new Uint8Array(8 + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, 8);
  yield head;
  for (const tensor of ordered) yield tensor.bytes();
}
