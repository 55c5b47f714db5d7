import type { ByteSource } from "../bytes/source.ts";

/** CRC-32 of ZIP and gzip (RFC 1952, section 8), eight bytes a step. */
const tables = (() => {
  const made = Array.from({ length: 8 }, () => new Uint32Array(256));
  for (let i = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    made[0]![i] = value;
  }
  for (let t = 1; t < 8; t++)
    for (let i = 0; i < 256; i++) made[t]![i] = (made[t - 1]![i]! >>> 8) ^ made[0]![made[t - 1]![i]! & 255]!;
  return made as [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array];
})();

export function crc32(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  let crc = ~before;
  let at = 0;
  for (const whole = bytes.length - 7; at < whole; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      t7[crc & 255]! ^
      t6[(crc >>> 8) & 255]! ^
      t5[(crc >>> 16) & 255]! ^
      t4[crc >>> 24]! ^
      t3[bytes[at + 4]!]! ^
      t2[bytes[at + 5]!]! ^
      t1[bytes[at + 6]!]! ^
      t0[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]!) & 255]!;
  return ~crc >>> 0;
}

export function crc32Of(source: ByteSource): number {
  let crc = 0;
  for (let at = 0; at < source.sizeBytes; at += 1 << 20) crc = crc32(source.read(at, 1 << 20), crc);
  return crc;
}

/** Adler-32 of zlib (RFC 1950, 8.2). The sum before anything is 1. */
export function adler32(bytes: Uint8Array, before = 1): number {
  let low = before & 0xffff;
  let high = before >>> 16;
  for (let at = 0; at < bytes.length;) {
    // The longest run after which the sums still fit into 32 bits.
    for (const end = Math.min(at + 5552, bytes.length); at < end; at++) {
      low += bytes[at]!;
      high += low;
    }
    low %= 65_521;
    high %= 65_521;
  }
  return ((high << 16) | low) >>> 0;
}

const bigEndianTable = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i << 24;
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

/** The CRC-32 of bzip2: the polynomial of ZIP's, the highest bit first. */
export function bzip2Crc(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  for (const byte of bytes) crc = (crc << 8) ^ bigEndianTable[(crc >>> 24) ^ byte]!;
  return ~crc >>> 0;
}

const crc64Tables = (() => {
  const low = new Uint32Array(256);
  const high = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    let [l, h] = [i, 0];
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (odd === 1) [l, h] = [l ^ 0xd7870f42, h ^ 0xc96c5795];
    }
    low[i] = l;
    high[i] = h;
  }
  return { low, high };
})();

/** CRC-64 of xz (ECMA-182, reflected), as eight bytes, the lowest first. */
export function crc64(bytes: Uint8Array): Uint8Array {
  let [l, h] = [-1, -1];
  for (const byte of bytes) {
    const i = (l ^ byte) & 255;
    l = ((l >>> 8) | (h << 24)) ^ crc64Tables.low[i]!;
    h = (h >>> 8) ^ crc64Tables.high[i]!;
  }
  const out = new DataView(new ArrayBuffer(8));
  out.setInt32(0, ~l, true);
  out.setInt32(4, ~h, true);
  return new Uint8Array(out.buffer);
}
