/** LZ4: frames (lz4_Frame_format.md 1.6.4), the usual compression of Feather files, and the bare blocks of Parquet. Checksums are not verified: the container has none either. */

/** @throws RangeError for a frame that is damaged or expands to another size */
export function unpackLz4Frame(input: Uint8Array, sizeBytes: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  if (view.getUint32(0, true) !== 0x184d2204) throw new RangeError("this is not an LZ4 frame");
  const flags = view.getUint8(4);
  if (flags >> 6 !== 1 || (flags & 1) === 1) throw new RangeError("an LZ4 frame of another version, or with a dictionary");
  const [blockChecksums, contentSize] = [(flags >> 4) & 1, (flags >> 3) & 1];
  const out = new Uint8Array(sizeBytes);
  let at = 7 + contentSize * 8;
  let length = 0;
  for (;;) {
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) break;
    const block = input.subarray(at, at + (word & 0x7fffffff));
    if (block.length !== (word & 0x7fffffff)) throw new RangeError("an LZ4 block is cut short");
    if (word >>> 31 === 1) {
      out.set(block, length);
      length += block.length;
    } else length = unpackBlock(block, out, length);
    at += block.length + blockChecksums * 4;
  }
  if (length !== sizeBytes) throw new RangeError(`an LZ4 frame expands to ${length} bytes and declares ${sizeBytes}`);
  return out;
}

/** @throws RangeError for a block that is damaged or expands to another size */
export function unpackLz4Block(input: Uint8Array, sizeBytes: number): Uint8Array {
  const out = new Uint8Array(sizeBytes);
  const length = unpackBlock(input, out, 0);
  if (length !== sizeBytes) throw new RangeError(`an LZ4 block expands to ${length} bytes and declares ${sizeBytes}`);
  return out;
}

/** One block (lz4_Block_format.md): sequences of literals and of a match that may reach into blocks before. The new end of `out`. */
function unpackBlock(input: Uint8Array, out: Uint8Array, start: number): number {
  let at = 0;
  let to = start;
  const lengthOf = (nibble: number): number => {
    let length = nibble;
    if (nibble !== 15) return length;
    for (let byte = 255; byte === 255; length += byte) {
      if (at >= input.length) throw new RangeError("an LZ4 length is cut short");
      byte = input[at++]!;
    }
    return length;
  };
  while (at < input.length) {
    const token = input[at++]!;
    const literals = lengthOf(token >> 4);
    if (at + literals > input.length || to + literals > out.length) throw new RangeError("LZ4 literals leave their block");
    out.set(input.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    if (at === input.length) return to;
    const offset = input[at]! | ((input[at + 1] ?? 0) << 8);
    at += 2;
    const match = lengthOf(token & 15) + 4;
    if (offset === 0 || offset > to || to + match > out.length) throw new RangeError("an LZ4 match leaves the data");
    // Byte by byte: a match may overlap what it writes.
    for (let i = 0; i < match; i++, to++) out[to] = out[to - offset]!;
  }
  return to;
}
