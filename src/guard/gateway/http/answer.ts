import type { FastifyReply } from "fastify";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { ModelkeepError } from "../../../base/error/index.ts";
import type { Exchange } from "./exchange.ts";
import { canLeaveBody, lingerOnClose } from "./linger.ts";

/** A good answer: what a walk ends with. */
export interface Answer {
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** An answer of plain data. */
export function jsonAnswer(value: unknown, status = 200): Answer {
  return { status, headers: { "content-type": "application/json; charset=utf-8" }, body: JSON.stringify(value) };
}

export function sendAnswer({ reply, isLast }: Exchange, { status = 200, headers, body }: Answer): FastifyReply {
  if (isLast) reply.header("connection", "close");
  return reply.code(status).headers(headers).send(body);
}

/** What a client gets when the answer is no. `error` alone is the Open Inference Protocol; the rest is ours. */
export interface ErrorBody {
  readonly error: string;
  readonly code: string;
  readonly hint?: string;
  readonly request_id: string;
}

/** Never the cause, never a stack; of our own faults not even the message, which may speak of files and addresses. */
export function errorBody(error: ModelkeepError, requestId: string): ErrorBody {
  const { code, hint } = error;
  if (error.status === 500) {
    return { error: "the server failed", code, hint: "quote the request id to the operator", request_id: requestId };
  }
  return { error: error.message, code, ...(hint !== undefined && { hint }), request_id: requestId };
}

/** Answers an error. Decides at the same time whether the connection can be used again. */
export function sendError({ reply, id, isLast }: Exchange, error: ModelkeepError): FastifyReply {
  const { raw } = reply.request;
  reply.code(error.status).type("application/json; charset=utf-8");
  if (error.status === 401) reply.header("www-authenticate", challenge(error));
  if (error.retryAfterSeconds !== undefined) reply.header("retry-after", retryAfter(error));
  // After a 400 nobody knows for sure where the next request starts.
  if (isLast || error.status === 400 || error.status === 408 || !canLeaveBody(raw)) {
    reply.header("connection", "close");
    lingerOnClose(raw.socket);
  }
  return reply.send(JSON.stringify(errorBody(error, id)));
}

/** RFC 6750 §3: without a credential there is no error to name. */
function challenge(error: ModelkeepError): string {
  const realm = 'Bearer realm="modelkeep"';
  return (error.code as string) === "access/no-credential" ? realm : `${realm}, error="invalid_token"`;
}

function retryAfter(error: ModelkeepError): string {
  return String(Math.max(1, Math.ceil(error.retryAfterSeconds ?? 1)));
}

/** Answers on a connection whose request never became one (unparsable, too slow, refused by address), and closes it. */
export function sendRawError(socket: Socket, error: ModelkeepError, requestId: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(errorBody(error, requestId));
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? "Error"}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    ...(error.retryAfterSeconds === undefined ? [] : [`retry-after: ${retryAfter(error)}`]),
    "connection: close",
  ];
  lingerOnClose(socket);
  socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  socket.destroySoon();
}
