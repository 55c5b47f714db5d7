import { request } from "node:http";
import { text } from "node:stream/consumers";
import { ModelkeepError, quote } from "../../base/error/index.ts";
import type { ErrorCode, ExitCode } from "../../base/error/index.ts";
import type {} from "./errors.ts";

interface Refused {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly exit: ExitCode;
  readonly status: number;
}

/**
 * Asks a running keep over its admin socket.
 *
 * @throws whatever the operation throws there, and `api/unreachable` when nobody answers.
 */
export async function callAdmin(socket: string, operation: string, input: unknown): Promise<unknown> {
  const body = JSON.stringify(input);
  const answer = await new Promise<string>((resolve, reject) => {
    const sent = request({
      socketPath: socket,
      method: "POST",
      path: `/operations/${operation}`,
      headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
    });
    sent.on("response", (response) => text(response).then(resolve, reject));
    sent.on("error", reject);
    sent.end(body);
  }).catch((cause: unknown) => {
    throw new ModelkeepError("api/unreachable", {
      message: `the running service does not answer on ${quote(socket)}: ${quote((cause as Error).message)}`,
      hint: "it may be starting or stopping: try again, or look at its log",
      cause,
    });
  });
  const parsed = JSON.parse(answer) as { value: unknown } | { error: Refused };
  if (!("error" in parsed)) return parsed.value;
  const { code, message, hint, exit, status } = parsed.error;
  throw new ModelkeepError(code, { message, hint, exit, status });
}
