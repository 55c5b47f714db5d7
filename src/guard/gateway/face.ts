import type { Tracer } from "@opentelemetry/api";
import type { Logger, Meter } from "../../base/log/index.ts";
import type { Clock, Random } from "../../base/port/index.ts";
import type { GatewayConfig } from "./config.ts";
import type { Models } from "./models/models.ts";
import type { Access } from "../access/index.ts";
import type { Firewall, HttpLimits } from "../firewall/index.ts";
import type { AuditLog } from "../audit/index.ts";

/** What the gateway is built from. It closes none of these: their owner does, after the gateway. */
export interface GatewayParts {
  readonly access: Access;
  readonly firewall: Firewall;
  readonly audit: AuditLog;
  readonly models: Models;
  readonly config: GatewayConfig;
  /** What a connection may do: `httpLimits(config.firewall)`. */
  readonly httpLimits: HttpLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly meter: Meter;
  /** Our version, for server metadata. */
  readonly version: string;
  /** The text of `/metrics`; without it the route does not exist. */
  readonly scrape?: () => Promise<{ readonly contentType: string; readonly body: string }>;
  /** Spans for each request, when the host has set up OpenTelemetry. */
  readonly tracer?: Tracer;
  /**
   * Secret from which the salts of commitments are derived (HMAC-SHA-256 over the request id). With it the operator can open a
   * commitment later, and opens none after destroying it; without it a salt is random and only the client gets it.
   */
  readonly saltKey?: Uint8Array;
}

/** A listening gateway. */
export interface Gateway {
  /** Where clients reach it: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where `/metrics` is, when it has its own port. */
  readonly metricsUrl?: string;
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /**
   * Drains: ready turns 503, no new connection is taken, requests in flight finish (at most `deadlineMs`, else
   * `gateway.drainMs`), then every connection is closed. A second call waits for the first and can only shorten it.
   */
  close(options?: { readonly deadlineMs?: number }): Promise<void>;
}
