/** xz containers (`xz-file-format` 1.2.0): streams of blocks; LZMA2 only, as Python and joblib write them. */

import { sha256 } from "../../../base/crypto/index.ts";
import { crc32, crc64 } from "./checksum.ts";
import { LzmaBroken, unpackLzma2, unpackLzmaAlone } from "./lzma.ts";
import { Growing } from "./growing.ts";
import type { Unpacked } from "./growing.ts";

const checkBytes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

/** @throws scan/refused */
export function unpackXz(data: Uint8Array, limit: number): Unpacked {
  return guard(limit, (out) => {
    let at = stream(data, 0, out);
    while (data[at] === 0xfd && data[at + 1] === 0x37) at = stream(data, at, out);
    return at;
  });
}

/** @throws scan/refused */
export function unpackLzma(data: Uint8Array, limit: number): Unpacked {
  return guard(limit, (out) => unpackLzmaAlone(data, out));
}

/** As ZIP archives hold it: a version, the length of the properties, properties and dictionary size, one stream (APPNOTE.TXT, 5.8). @throws scan/refused */
export function unpackZippedLzma(data: Uint8Array, limit: number): Unpacked {
  const head = new Uint8Array(13).fill(0xff);
  head.set(data.subarray(4, 9));
  const alone = new Uint8Array(Math.max(13, data.length + 4));
  alone.set(head);
  alone.set(data.subarray(9), 13);
  return unpackLzma(alone, limit);
}

function guard(limit: number, run: (out: Growing) => number): Unpacked {
  const out = new Growing(limit);
  try {
    const used = run(out);
    return { bytes: out.done(), used, broken: undefined };
  } catch (error) {
    if (error instanceof LzmaBroken) return { bytes: out.done(), used: 0, broken: error.message };
    throw error;
  }
}

function stream(data: Uint8Array, start: number, out: Growing): number {
  const type = data[start + 7]! & 15;
  checkSum(data, start + 6, start + 8);
  let at = start + 12;
  while (at < data.length && data[at] !== 0) {
    const from = out.length;
    at = unpackLzma2(data, blockData(data, at), out);
    at = start + (((at - start + 3) >> 2) << 2);
    checkBlock(type, out.buffer.subarray(from, out.length), data.subarray(at, at + checkBytes[type]!));
    at += checkBytes[type]!;
  }
  return afterIndex(data, at, start);
}

/** A CRC-32 stands at `to` and is that of what lies before it. */
function checkSum(data: Uint8Array, from: number, to: number): void {
  if (to + 4 > data.length) throw new LzmaBroken("it ends in the middle");
  if (crc32(data.subarray(from, to)) !== new DataView(data.buffer, data.byteOffset + to, 4).getUint32(0, true))
    throw new LzmaBroken("the checksum of a header does not match");
}

/** Types that the format only reserves cannot be checked, by nobody (`xz-file-format`, 2.1.1.2). */
function checkBlock(type: number, bytes: Uint8Array, given: Uint8Array): void {
  if (given.length < checkBytes[type]!) throw new LzmaBroken("it ends in the middle");
  const sums: Readonly<Record<number, () => Uint8Array>> = {
    1: () => little32(crc32(bytes)),
    4: () => crc64(bytes),
    10: () => sha256(bytes.slice()),
  };
  const wanted = sums[type]?.();
  if (wanted?.some((byte, i) => byte !== given[i])) throw new LzmaBroken("the checksum of a block does not match");
}

const little32 = (value: number): Uint8Array => Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);

/** Where the packed data of a block begins. */
function blockData(data: Uint8Array, at: number): number {
  const size = (data[at]! + 1) * 4;
  checkSum(data, at, at + size - 4);
  const flags = data[at + 1]!;
  if ((flags & 3) !== 0) throw new LzmaBroken("a block is filtered in a way that is not read here");
  let next = at + 2;
  for (const bit of [0x40, 0x80]) if (flags & bit) next = varint(data, next).next;
  if (data[next] !== 0x21) throw new LzmaBroken("a block is packed in a way that is not read here");
  return at + size;
}

function afterIndex(data: Uint8Array, start: number, origin: number): number {
  const { value: records, next } = varint(data, start + 1);
  let at = next;
  for (let i = 0; i < records * 2 && at < data.length; i++) at = varint(data, at).next;
  at = origin + (((at - origin + 3) >> 2) << 2);
  checkSum(data, start, at);
  checkFooter(data, at + 4, origin);
  at += 4 + 12;
  while (data[at] === 0 && at % 4 === 0) at += 4;
  return at;
}

function checkFooter(data: Uint8Array, at: number, origin: number): void {
  if (at + 12 > data.length) throw new LzmaBroken("it ends in the middle");
  const sum = new DataView(data.buffer, data.byteOffset + at, 4).getUint32(0, true);
  const isOwn = data[at + 8] === data[origin + 6] && data[at + 9] === data[origin + 7];
  if (sum !== crc32(data.subarray(at + 4, at + 10)) || !isOwn || data[at + 10] !== 0x59 || data[at + 11] !== 0x5a)
    throw new LzmaBroken("its end is not that of its beginning");
}

function varint(data: Uint8Array, start: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    const byte = data[start + i];
    if (byte === undefined) break;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return { value, next: start + i + 1 };
  }
  throw new LzmaBroken("a number is cut short");
}
