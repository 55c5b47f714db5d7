/** Collects a body of known length: one buffer, each byte copied once, whatever the chunks. */
import type { BodyPlan } from "./plan-body.ts";
import { refuse } from "./refuse.ts";

export interface BodyReader {
  /**
   * Copies the next chunk in its place; the chunk may be reused afterwards.
   * @throws `gateway/incomplete-body` when more arrives than was declared
   */
  push(chunk: Uint8Array): void;
  /**
   * The whole body.
   * @throws `gateway/incomplete-body` when less arrived than was declared
   */
  finish(): Uint8Array;
}

/** The strictest alignment of any element, in bytes. */
const alignment = 8;

/**
 * A reader for the body of one request. It allocates when the first byte arrives, not when a length is merely promised.
 *
 * @example
 * const reader = createBodyReader(planBody(request.headers, limits));
 * for await (const chunk of request) reader.push(chunk);
 * const request = decodeInfer(reader.finish(), plan, limits);
 */
export function createBodyReader({ bodyBytes, jsonBytes }: BodyPlan): BodyReader {
  let body: Uint8Array | undefined;
  let filled = 0;
  return {
    push(chunk) {
      if (chunk.length > bodyBytes - filled) throw mismatch("more", bodyBytes);
      body ??= allocate(bodyBytes, jsonBytes);
      body.set(chunk, filled);
      filled += chunk.length;
    },
    finish() {
      // INVARIANT: the buffer is not zeroed, so nobody may see it before every byte of it is a byte of this request.
      if (filled !== bodyBytes) throw mismatch(`${filled}`, bodyBytes);
      return body ?? new Uint8Array(0);
    },
  };
}

// Padding in front puts the first binary section on an aligned address, so that its tensor can be a view. Never from Node's
// shared pool: the body must not share its memory with another request's.
function allocate(bodyBytes: number, jsonBytes: number): Uint8Array {
  const padding = (alignment - (jsonBytes % alignment)) % alignment;
  const slab = Buffer.allocUnsafeSlow(padding + bodyBytes);
  return new Uint8Array(slab.buffer, slab.byteOffset + padding, bodyBytes);
}

function mismatch(arrived: string, declared: number): Error {
  return refuse(
    "gateway/incomplete-body",
    `${arrived} bytes of the body arrived, Content-Length declares ${declared}`,
    "send exactly as many bytes as Content-Length says",
  );
}
