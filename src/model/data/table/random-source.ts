/** Bytes that can be read from any place: formats whose directory is at their end need it. */

export interface RandomSource {
  /** How messages name it. */
  readonly name: string;
  readonly sizeBytes: number;
  /** The bytes from `start` to before `end`; fewer only at the end of the file. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Bytes in memory as a source. */
export function bytesRandomSource(name: string, bytes: Uint8Array): RandomSource {
  return { name, sizeBytes: bytes.length, read: (start, end) => Promise.resolve(bytes.subarray(start, end)) };
}
