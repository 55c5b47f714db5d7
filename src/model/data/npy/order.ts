/** Elements of a file brought into the one order that tensors have: little-endian, row-major. */

/** A copy with the bytes of each `width`-wide number reversed. */
export function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += width) {
    for (let i = 0; i < width; i++) out[at + i] = bytes[at + width - 1 - i]!;
  }
  return out;
}

/** A row-major copy of column-major elements of `width` bytes. `bytes` must be aligned for words of `min(width, 4)` bytes. */
export function toRowMajor(bytes: Uint8Array, dims: readonly number[], width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  if (bytes.length === 0) return out;
  const word = width % 4 === 0 ? 4 : width % 2 === 0 ? 2 : 1;
  const from = wordsOf(bytes, word);
  const to = wordsOf(out, word);
  const words = width / word;
  const strides = stridesOf(dims, words);
  const index = dims.map(() => 0);
  const inner = dims.length - 1;
  const innerLength = dims[inner]!;
  const innerStride = strides[inner]!;
  for (let at = 0, base = 0; ;) {
    for (let i = 0, source = base; i < innerLength; i++, source += innerStride) {
      for (let w = 0; w < words; w++) to[at++] = from[source + w]!;
    }
    // Advance the outer dimensions like an odometer, last one first.
    let dim = inner - 1;
    for (; dim >= 0; dim--) {
      index[dim]!++;
      base += strides[dim]!;
      if (index[dim]! < dims[dim]!) break;
      base -= strides[dim]! * dims[dim]!;
      index[dim] = 0;
    }
    if (dim < 0) return out;
  }
}

function wordsOf(bytes: Uint8Array, word: 1 | 2 | 4): Uint8Array | Uint16Array | Uint32Array {
  if (word === 4) return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  return word === 2 ? new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2) : bytes;
}

/** Column-major strides, in words. */
function stridesOf(dims: readonly number[], words: number): number[] {
  let stride = words;
  return dims.map((dim) => {
    const own = stride;
    stride *= dim;
    return own;
  });
}
