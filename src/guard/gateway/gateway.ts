import type { Server } from "node:http";
import { Server as TlsServer } from "node:https";
import { createApp } from "./app.ts";
import { createAsk } from "./ask.ts";
import { createDrain } from "./drain.ts";
import type { Gateway, GatewayParts } from "./face.ts";
import { createHandler } from "./handler.ts";
import { createPace } from "./http/pace.ts";
import { createStrictServer, listen, urlOf } from "./http/server.ts";
import { readTlsFiles, reloadTlsOnChange } from "./http/tls.ts";
import { createInfer } from "./infer.ts";
import { createRequestIds } from "./request-id.ts";
import { createSalts } from "./record/commitment.ts";
import { createRefuse } from "./refuse.ts";
import { routesOf } from "./routes.ts";
import { createLeaving } from "./leaving.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { createSpans } from "./telemetry/spans.ts";
import { watchConnections } from "./watch-connections.ts";
import { serveMetrics } from "./metrics-port.ts";

/** Beyond the longest request, milliseconds. */
const stallGraceMs = 60_000;

/**
 * Starts to listen.
 *
 * @throws `gateway/cannot-listen`, `gateway/bad-tls-files`
 * @example
 * const gateway = await createGateway({ access, firewall, audit, models, config, httpLimits: httpLimits(config.firewall), clock, random, log, meter, version });
 * console.log(gateway.url);
 * await gateway.close();
 */
export async function createGateway(parts: GatewayParts): Promise<Gateway> {
  const { config, httpLimits, audit, meter, random, log } = parts;
  const tls = config.tls === undefined ? undefined : await readTlsFiles(config.tls);
  const nextId = createRequestIds(random);
  const metrics = createMetrics(meter);
  const pace = createPace(httpLimits.body);
  const drain = createDrain();
  const refuse = createRefuse(parts);

  const leavingFor = createLeaving(config.release);
  const salts = createSalts(random, parts.saltKey);
  const routes = routesOf({
    gateway: parts,
    leavingFor,
    ask: createAsk(parts),
    infer: createInfer(parts, { pace, salts, leavingFor, metrics }),
    isReady: () => !drain.isDraining && audit.accepting().ok,
  });
  let server!: Server;
  const app = await createApp({
    routes,
    nextId,
    handle: createHandler(parts, { refuse, metrics, startSpan: createSpans(parts.tracer), drain }),
    createServer: (listener) => {
      server = createStrictServer(listener, httpLimits, tls);
      // Nothing read and nothing written for longer than any request may take: a client that does not take its answer holds no place for ever.
      server.setTimeout(config.maxDeadlineMs + stallGraceMs);
      return server;
    },
  });
  watchConnections(server, parts, nextId);
  const address = await listen(server, config.host, config.port);
  if (tls === undefined && config.proxyProtocol === undefined && !isLoopback(address.address)) {
    log.warn("listening on the network without TLS: keys can be read on the way", { address: address.address });
  }
  const renewals = config.tls && server instanceof TlsServer ? reloadTlsOnChange(server, config.tls, log) : undefined;
  const stop = async (deadlineMs: number) => {
    await drain.finish(server, deadlineMs);
    renewals?.close();
    pace.close();
  };
  const metricsPort = await serveMetrics(parts).catch(async (error: unknown) => {
    await stop(0); // nobody would hold what listens already
    await app.close();
    throw error;
  });

  return {
    url: urlOf(address, tls !== undefined),
    ...(metricsPort !== undefined && { metricsUrl: metricsPort.url }),
    addresses: [{ host: address.address, port: address.port }],
    async close({ deadlineMs = config.drainMs } = {}) {
      await stop(deadlineMs);
      await metricsPort?.close();
      await app.close();
    },
  };
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}
