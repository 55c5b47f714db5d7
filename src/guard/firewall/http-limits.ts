import type { FirewallConfig } from "./config.ts";

/** What Node's HTTP server is told, by the names of `node:http`. */
export interface HttpLimits {
  /** For `http.createServer`. */
  readonly options: {
    readonly insecureHTTPParser: false;
    readonly requireHostHeader: true;
    readonly maxHeaderSize: number;
    readonly headersTimeout: number;
    readonly requestTimeout: number;
    readonly keepAliveTimeout: number;
    /** How often the two timeouts are looked at: they hold to within this. */
    readonly connectionsCheckingInterval: number;
  };
  /** For `Object.assign(server, …)`. */
  readonly server: { readonly maxRequestsPerSocket: number };
  /** Checked by the gateway: Node drops fields past its own maximum without a word. */
  readonly maxHeadFields: number;
  /** For `createBodyRate`. */
  readonly body: { readonly minBytesPerSecond: number; readonly graceMs: number };
}

/** Slow heads, slow bodies, endless heads and endless connections (slowloris and its kin), as numbers. All times in milliseconds. */
export function httpLimits({ connections }: Pick<FirewallConfig, "connections">): HttpLimits {
  return {
    options: {
      insecureHTTPParser: false,
      requireHostHeader: true,
      maxHeaderSize: connections.maxHeadBytes,
      // Node refuses a head that may take longer than the whole request.
      headersTimeout: Math.min(connections.headTimeoutMs, connections.requestTimeoutMs || Infinity),
      requestTimeout: connections.requestTimeoutMs,
      keepAliveTimeout: connections.keepAliveMs,
      connectionsCheckingInterval: Math.min(500, Math.ceil(connections.headTimeoutMs / 4)),
    },
    server: { maxRequestsPerSocket: connections.requestsEach },
    maxHeadFields: connections.maxHeadFields,
    body: { minBytesPerSecond: connections.minBytesPerSecond, graceMs: connections.graceMs },
  };
}
