/** CRC-32 as ZIP and gzip use it (RFC 1952, section 8): reflected polynomial 0xEDB88320. Four bytes a step ("slicing by 4", Kounavis and Berry 2005). */

const tables = makeTables();

function makeTables(): readonly Uint32Array[] {
  const found = [0, 1, 2, 3].map(() => new Uint32Array(256));
  const [t0, t1, t2, t3] = found as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    t0[byte] = value;
  }
  for (let byte = 0; byte < 256; byte++) {
    t1[byte] = (t0[byte]! >>> 8) ^ t0[t0[byte]! & 0xff]!;
    t2[byte] = (t1[byte]! >>> 8) ^ t0[t1[byte]! & 0xff]!;
    t3[byte] = (t2[byte]! >>> 8) ^ t0[t2[byte]! & 0xff]!;
  }
  return found;
}

/** The checksum of the bytes, as an unsigned number. */
export function crc32(bytes: Uint8Array): number {
  const [t0, t1, t2, t3] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  const whole = bytes.length - (bytes.length % 4);
  let crc = 0xffffffff;
  let at = 0;
  for (; at < whole; at += 4) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc = t3[crc & 0xff]! ^ t2[(crc >>> 8) & 0xff]! ^ t1[(crc >>> 16) & 0xff]! ^ t0[crc >>> 24]!;
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]!) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}
