/** Compression by the platform's own streams (WHATWG Compression Standard: Node ≥ 20.12 and browsers), so that no package is needed. */

import { malformed } from "../refuse.ts";

/** No deflate stream expands further: a match of 258 bytes takes at least two bits (RFC 1951, section 3.2.5). */
export const maxExpansion = 1032;

interface Stream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/**
 * A compressed block whose expanded size is known. Never more than `sizeBytes` are kept.
 * @throws data/malformed when the block is damaged or its size differs
 */
export async function inflate(compressed: Uint8Array, sizeBytes: number, file: string): Promise<Uint8Array> {
  const out = new Uint8Array(sizeBytes);
  let at = 0;
  for await (const chunk of pump(new DecompressionStream("deflate-raw") as Stream, compressed, file)) {
    if (at + chunk.length > sizeBytes) throw malformed(file, `it expands to more than the ${sizeBytes} bytes that it declares`);
    out.set(chunk, at);
    at += chunk.length;
  }
  if (at !== sizeBytes) throw malformed(file, `it expands to ${at} bytes, and declares ${sizeBytes}`);
  return out;
}

/** The bytes, deflated (RFC 1951). */
export async function deflate(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of pump(new CompressionStream("deflate-raw") as Stream, bytes, file)) {
    chunks.push(chunk);
    length += chunk.length;
  }
  const out = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

/** Feeds a block, a slice at a time, and yields what comes out; leaving the loop early stops the feeding. */
async function* pump({ readable, writable }: Stream, bytes: Uint8Array, file: string): AsyncGenerator<Uint8Array> {
  const writer = writable.getWriter();
  const reader = readable.getReader();
  const feed = async (): Promise<void> => {
    for (let at = 0; at < bytes.length; at += 65_536) await writer.write(bytes.subarray(at, at + 65_536));
    await writer.close();
  };
  // What breaks while feeding also breaks the reading side, which is where it is answered.
  feed().catch(() => undefined);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw malformed(file, `its compressed data is damaged (${cause instanceof Error ? cause.message : "unreadable"})`);
  } finally {
    await reader.cancel().catch(() => undefined);
    await writer.abort().catch(() => undefined);
  }
}
