import { z } from "zod";
import { isModelkeepError } from "../../base/error/index.ts";
import { parseNetwork } from "../../base/net/index.ts";
import { protocolLimits } from "./protocol/limits.ts";
import { releaseConfig } from "./release/rule.ts";

const network = z.string().superRefine((text, context) => {
  try {
    parseNetwork(text);
  } catch (error) {
    if (!isModelkeepError(error)) throw error;
    context.addIssue({ code: "custom", message: `${error.message}; ${error.hint}` });
  }
});

/** Section `gateway:` of the configuration: where it listens and how much it takes in. Limits per client are the firewall's. */
export const gatewayConfig = z.strictObject({
  ...protocolLimits.shape,
  release: releaseConfig.describe(
    "what may leave of a model's outputs, by role and model; of all rules that apply, the strictest wins",
  ),
  host: z.string().min(1).default("127.0.0.1").describe("address to listen on; anything but loopback should have tls"),
  port: z.int().min(0).max(65_535).default(8080).describe("TCP port; 0 takes a free one"),
  tls: z
    .strictObject({
      cert: z.string().min(1).describe("PEM file with the certificate and its chain, leaf first"),
      key: z.string().min(1).describe("PEM file with the private key, readable by this user only"),
      minVersion: z.enum(["TLSv1.2", "TLSv1.3"]).default("TLSv1.2").describe("oldest TLS version that is spoken"),
      reloadMs: z.int().min(100).default(10_000).describe("how often the files are looked at for change, milliseconds"),
    })
    .optional()
    .describe("serve HTTPS; without it plain HTTP"),
  proxyProtocol: z
    .strictObject({
      from: z.array(network).min(1).describe("networks of the proxies; a connection from elsewhere is refused"),
    })
    .optional()
    .describe("every connection starts with a PROXY protocol v2 header that says who the client is"),
  openHealth: z.boolean().default(true).describe("answer /v2/health/live and /v2/health/ready without a credential"),
  metrics: z
    .strictObject({
      host: z.string().min(1).default("127.0.0.1").describe("address of the separate metrics port"),
      port: z.int().min(0).max(65_535).describe("separate port for /metrics, without credentials"),
    })
    .optional()
    .describe(
      "serve /metrics on its own port without credentials; by default it is on the main port under the action readMetrics",
    ),
  maxInFlightBytes: z
    .int()
    .min(1024)
    .default(536_870_912)
    .describe(
      "bodies of all requests in flight together, bytes; a principal may hold a quarter of it, and one largest body always fits",
    ),
  deadlineMs: z.int().min(1).default(30_000).describe("time a request may take when it names no timeout, milliseconds"),
  maxDeadlineMs: z.int().min(1).default(300_000).describe("longest timeout a request may ask for, milliseconds"),
  drainMs: z.int().min(0).default(20_000).describe("time that requests in flight get when the gateway closes, milliseconds"),
});

export type GatewayConfig = z.output<typeof gatewayConfig>;
