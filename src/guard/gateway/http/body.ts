import { createBodyReader, type BodyReader } from "../protocol/body-reader.ts";
import type { BodyPlan } from "../protocol/plan-body.ts";
import { clientGone } from "../refusals.ts";
import type { Exchange } from "./exchange.ts";
import type { Pace } from "./pace.ts";

/**
 * The body of a request that may now be read. A client that waits for permission gets it here, and not a moment earlier.
 *
 * @throws `gateway/incomplete-body`, `gateway/too-slow`, `gateway/malformed-request`, `gateway/client-gone`
 */
export async function receiveBody(exchange: Exchange, plan: BodyPlan, pace: Pace): Promise<Uint8Array> {
  const { raw } = exchange.request;
  if (raw.headers.expect !== undefined) exchange.reply.raw.writeContinue();
  const unwatch = pace.watch(exchange);
  try {
    return await collect(exchange, createBodyReader(plan));
  } finally {
    unwatch();
  }
}

function collect(exchange: Exchange, reader: BodyReader): Promise<Uint8Array> {
  const request = exchange.request.raw;
  return new Promise((resolve, reject) => {
    const gone = () => {
      if (!request.readableEnded) reject(clientGone());
    };
    exchange.onFault(reject);
    request.on("data", (chunk: Uint8Array) => {
      try {
        reader.push(chunk);
      } catch (error) {
        reject(error as Error);
      }
    });
    request.on("end", () => {
      try {
        resolve(reader.finish());
      } catch (error) {
        reject(error as Error);
      }
    });
    request.on("error", gone);
    request.on("close", gone);
  });
}
