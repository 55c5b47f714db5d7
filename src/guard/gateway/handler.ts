import type { FastifyReply, FastifyRequest } from "fastify";
import { toModelkeepError } from "../../base/error/index.ts";
import type { Drain } from "./drain.ts";
import type { GatewayParts } from "./face.ts";
import { sendAnswer, sendError } from "./http/answer.ts";
import { Exchange } from "./http/exchange.ts";
import { checkHead } from "./http/head.ts";
import { peerAddress } from "./http/peer.ts";
import type { Refuse } from "./refuse.ts";
import type { Walk } from "./routes.ts";
import type { Metrics } from "./telemetry/metrics.ts";
import type { StartSpan } from "./telemetry/spans.ts";

export interface HandlerTools {
  readonly refuse: Refuse;
  readonly metrics: Metrics;
  readonly startSpan: StartSpan;
  readonly drain: Drain;
}

export type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** Takes a request through its walk: opens the exchange, answers what comes out, or refuses, and counts. */
export function createHandler({ firewall, clock, httpLimits }: GatewayParts, tools: HandlerTools) {
  const { refuse, metrics, startSpan, drain } = tools;

  return (walk: Walk): Handler =>
    async (request, reply) => {
      const { headers, socket } = request.raw;
      const address = firewall.clientAddress(peerAddress(socket), headers);
      const span = startSpan(request);
      const exchange = new Exchange({ request, reply, startMs: clock.monotonic(), address, span });
      drain.begin();
      // Counted out when the answer has left, not when it is written: a drain must not cut off who reads slowly.
      reply.raw.once("close", () => drain.end());
      reply.header("x-request-id", exchange.id);
      if (drain.isDraining) exchange.isLast = true;
      let outcome = "done";
      try {
        const flaw = checkHead(request.raw, httpLimits.maxHeadFields);
        if (flaw !== undefined) throw flaw;
        return sendAnswer(exchange, await walk(exchange));
      } catch (thrown) {
        const error = await refuse(exchange, thrown).catch(toModelkeepError); // whatever breaks, the client gets an answer
        outcome = error.code;
        return sendError(exchange, error);
      } finally {
        exchange.close();
        const { action = "none", model } = exchange;
        metrics.finished({ action, model: model?.name ?? "", outcome }, (clock.monotonic() - exchange.startMs) / 1000);
        span.end(reply.statusCode, outcome);
      }
    };
}
