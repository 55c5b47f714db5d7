/**
 * Text as a vector of fixed length without a vocabulary: each feature (a word, two words, letters in a row) is hashed to a place of the vector
 * (Weinberger et al. 2009, arXiv:0902.2206). The same in every program that can hash with FNV-1a.
 */

export interface HashedOptions {
  /** Numbers of the vector. */
  readonly size: number;
}

/** FNV-1a of 32 bits over UTF-16 code units, finished as MurmurHash3 does, so that low bits are as good as high ones. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Counts of features by their places, as log(1 + count), brought to length 1.
 * @example hashedVector(["w:buy", "w:now", "w:buy now"], { size: 4096 });
 */
export function hashedVector(features: Iterable<string>, { size }: HashedOptions): Float32Array {
  const out = new Float32Array(size);
  for (const feature of features) out[hashText(feature) % size]! += 1;
  let sum = 0;
  for (let i = 0; i < size; i++) {
    if (out[i] === 0) continue;
    out[i] = Math.log1p(out[i]!);
    sum += out[i]! * out[i]!;
  }
  const length = Math.sqrt(sum);
  if (length > 0) for (let i = 0; i < size; i++) out[i]! /= length;
  return out;
}
