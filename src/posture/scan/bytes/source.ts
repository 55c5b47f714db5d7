import { malformed } from "../refuse.ts";

/**
 * Random access to bytes that stay where they are: a descriptor, a view of memory or a part of either. Nothing is read before it is asked
 * for, so a sparse file of 10 GB costs what is looked at.
 */
export interface ByteSource {
  readonly sizeBytes: number;
  /** What is already known to be wrong with the bytes. */
  readonly damage?: string;
  /**
   * At most `length` bytes from `offset`; fewer only at the end. A view that stays as it is; nobody writes to it.
   * @throws `scan/changed` when a file shrinks while it is read
   */
  read(offset: number, length: number): Uint8Array;
}

/** Bytes in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { sizeBytes: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** A part of another source. */
export function partOf(source: ByteSource, start: number, length: number): ByteSource {
  const sizeBytes = Math.max(0, Math.min(length, source.sizeBytes - start));
  return {
    sizeBytes,
    read: (offset, wanted) => source.read(start + offset, Math.max(0, Math.min(wanted, sizeBytes - offset))),
  };
}

/**
 * Exactly `length` bytes from `offset`, as a copy that stays.
 * @throws `scan/malformed` when the source ends before
 */
export function copyOf(source: ByteSource, offset: number, length: number): Uint8Array {
  const out = new Uint8Array(Math.max(0, Math.min(length, source.sizeBytes - offset)));
  for (let at = 0; at < out.length;) {
    const got = source.read(offset + at, Math.min(out.length - at, 1 << 20));
    if (got.length === 0) break;
    out.set(got, at);
    at += got.length;
  }
  if (out.length < length) throw malformed(`it ends at byte ${source.sizeBytes}, before byte ${offset + length}`);
  return out;
}
