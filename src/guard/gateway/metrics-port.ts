import type { GatewayParts } from "./face.ts";
import { createStrictServer, listen, urlOf } from "./http/server.ts";

/**
 * `/metrics` on a port of its own, for a scraper inside the network that has no credential. Undefined when none is configured.
 *
 * @throws `gateway/cannot-listen`
 */
export async function serveMetrics({
  config,
  httpLimits,
  scrape,
  log,
}: GatewayParts): Promise<{ readonly url: string; close(): Promise<void> } | undefined> {
  if (config.metrics === undefined || scrape === undefined) return undefined;
  const server = createStrictServer((request, response) => {
    if (request.url !== "/metrics" || request.method !== "GET") return void response.writeHead(404).end();
    scrape().then(
      ({ contentType, body }) => response.writeHead(200, { "content-type": contentType }).end(body),
      (error: unknown) => {
        log.error("metrics failed", { error });
        response.writeHead(500).end();
      },
    );
  }, httpLimits);
  const address = await listen(server, config.metrics.host, config.metrics.port);
  server.on("error", (error) => log.error("the metrics socket failed", { error })); // too many open files must not end the process
  return {
    url: `${urlOf(address, false)}/metrics`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
