import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** A refused body up to this size is read and dropped, so that the connection can be used again. */
const drainableBytes = 65_536;
/** A longer one ends the connection; what is on its way is read this long, and no longer. */
const lingerMs = 2000;
const lingerBytes = 8 * 1024 * 1024;

/** Bytes that the head declares: undefined when the body is chunked, 0 when there is none. */
export function declaredBytes(request: IncomingMessage): number | undefined {
  const length = request.headers["content-length"];
  if (length !== undefined) return Number(length);
  return request.headers["transfer-encoding"] === undefined ? 0 : undefined;
}

/**
 * Decides what becomes of a body that nobody will read: true when the connection can live on, false when the answer must
 * say `Connection: close`. A client that waits for `100 Continue` never sends its body, so its connection cannot be reused either.
 */
export function canLeaveBody(request: IncomingMessage): boolean {
  if (request.complete) return true;
  const bytes = declaredBytes(request);
  return bytes === 0 || (bytes !== undefined && bytes <= drainableBytes && request.headers.expect === undefined);
}

/**
 * Makes the end of this connection gentle. Closing a socket with unread bytes makes the kernel send a reset, and a reset
 * destroys the answer in the client's receive buffer before it is read (RFC 9112 §9.6). So: send the answer and our end of
 * the connection, drop what still comes, and close when the client closes, or after a limited time or amount.
 */
export function lingerOnClose(socket: Socket): void {
  // Node calls destroySoon() on the socket of an answer that said `Connection: close`.
  socket.destroySoon = () => {
    if (socket.destroyed) return;
    if (socket.writable) socket.end();
    socket.resume();
    const from = socket.bytesRead;
    const started = performance.now();
    const timer = setInterval(() => {
      if (performance.now() - started > lingerMs || socket.bytesRead - from > lingerBytes) socket.destroy();
    }, 50);
    timer.unref();
    socket.once("end", () => socket.destroy());
    socket.once("close", () => clearInterval(timer));
  };
}
