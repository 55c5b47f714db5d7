import type { Socket } from "node:net";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

/** What Node's server says about a connection that it gave up on. */
export interface ParserError extends Error {
  readonly code?: string;
  readonly reason?: string;
}

/** The fault as ours, or undefined when there is nobody left to tell. */
export function faultOf(error: ParserError, socket: Socket): ModelkeepError | undefined {
  if (socket.destroyed) return undefined;
  switch (error.code) {
    case "ECONNRESET":
    case "EPIPE":
    case "HPE_INVALID_EOF_STATE": // hung up in the middle of a request
      return undefined;
    case "HPE_HEADER_OVERFLOW":
      return new ModelkeepError("gateway/head-too-large", {
        message: "the request's header section is too long",
        hint: "send fewer or shorter header fields; tensors belong into the body",
        status: 431,
      });
    case "ERR_HTTP_REQUEST_TIMEOUT":
      if (socket.bytesRead === 0) return undefined; // opened and left: a health check, or a browser's spare connection
      return new ModelkeepError("gateway/too-slow", {
        message: "the request did not arrive in time",
        hint: "send it at once, or over a faster line",
        status: 408,
      });
    default:
      return new ModelkeepError("gateway/malformed-request", {
        message: `the request is not valid HTTP/1.1: ${quote(error.reason ?? error.code ?? "unreadable")}`,
        hint: "see RFC 9112; a proxy in between may have garbled it, or HTTPS was sent to an HTTP port",
        status: 400,
      });
  }
}
