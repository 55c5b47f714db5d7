/** LZ4 frames, current and legacy (lz4 Frame Format 1.6.2, Block Format). */

import type { ByteSource } from "../bytes/source.ts";
import { Growing } from "./growing.ts";
import type { Unpacked } from "./growing.ts";
import { xxhash32 } from "./xxhash32.ts";

class Broken extends Error {}

/** @throws scan/refused */
export function unpackLz4(source: ByteSource, limit: number): Unpacked {
  const out = new Growing(limit);
  let at = 0;
  try {
    at = frame(source, out);
    return { bytes: out.done(), used: at, broken: undefined };
  } catch (error) {
    if (error instanceof Broken) return { bytes: out.done(), used: at, broken: error.message };
    throw error;
  }
}

function u32(source: ByteSource, at: number): number {
  const four = source.read(at, 4);
  if (four.length < 4) throw new Broken("it ends in the middle");
  return (four[0]! | (four[1]! << 8) | (four[2]! << 16) | (four[3]! << 24)) >>> 0;
}

function frame(source: ByteSource, out: Growing): number {
  if (u32(source, 0) === 0x184c2102) return legacy(source, out);
  const [flags = 0, size = 0] = source.read(4, 2);
  if (flags >> 6 !== 1) throw new Broken("its version is not known");
  const most = 1 << (8 + 2 * ((size >> 4) & 7));
  if (most < 1 << 16) throw new Broken("its blocks have no size");
  let at = 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0);
  if (((xxhash32(source.read(4, at - 5).slice()) >>> 8) & 255) !== source.read(at - 1, 1)[0])
    throw new Broken("its header is not its own");
  for (;;) {
    const size = u32(source, at);
    at += 4;
    if (size === 0) break;
    const length = size & 0x7fffffff;
    if (length > most) throw new Broken("a block is longer than it may be");
    const data = source.read(at, length);
    if (data.length < length) throw new Broken("it ends in the middle");
    if (size >>> 31 === 1) out.append(data);
    else block(data, out);
    at += length;
    if ((flags & 16) === 0) continue;
    if (u32(source, at) !== xxhash32(source.read(at - length, length).slice()))
      throw new Broken("the checksum of a block does not match");
    at += 4;
  }
  if ((flags & 4) === 0) return at;
  if (u32(source, at) !== xxhash32(out.done())) throw new Broken("its checksum does not match");
  return at + 4;
}

/** What 8 MiB can become at worst. */
const maxLegacyBlock = (1 << 23) + (1 << 23) / 255 + 16;

function legacy(source: ByteSource, out: Growing): number {
  let at = 4;
  while (at + 4 <= source.sizeBytes) {
    const length = u32(source, at);
    if (length > maxLegacyBlock) return at; // the next frame's magic number
    const data = source.read(at + 4, length);
    if (data.length < length) throw new Broken("it ends in the middle");
    block(data, out);
    at += 4 + length;
  }
  if (at < source.sizeBytes) throw new Broken("it ends in the middle");
  return at;
}

function block(data: Uint8Array, out: Growing): void {
  let at = 0;
  const more = (first: number): number => {
    let total = first;
    if (first !== 15) return total;
    for (let byte = 255; byte === 255; total += byte) {
      if (at >= data.length) throw new Broken("a block ends in the middle");
      byte = data[at++]!;
    }
    return total;
  };
  while (at < data.length) {
    const token = data[at++]!;
    const literals = more(token >> 4);
    if (at + literals > data.length) throw new Broken("a block ends in the middle");
    out.append(data.subarray(at, at + literals));
    at += literals;
    if (at === data.length) return;
    const distance = data[at]! | (data[at + 1]! << 8);
    at += 2;
    const length = more(token & 15) + 4;
    if (distance === 0 || distance > out.length) throw new Broken("a distance reaches before the beginning");
    out.repeat(distance, length);
  }
}
