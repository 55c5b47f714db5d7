/** Bytes that can be read again from their beginning: a file, an upload, the middle layer's answer. */

/** A port: Node's files are one (`fileSource`), bytes in memory another, and a host may register more. */
export interface ByteSource {
  /** How messages name it. */
  readonly name: string;
  /** The bytes in pieces of any size; each call starts over. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** Bytes in memory as a source. */
export function bytesSource(name: string, bytes: Uint8Array, chunkBytes = 65_536): ByteSource {
  return {
    name,
    async *chunks() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
  };
}
