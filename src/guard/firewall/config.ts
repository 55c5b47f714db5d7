import { z } from "zod";
import { secretReference } from "../../base/config/index.ts";
import { isModelkeepError } from "../../base/error/index.ts";
import { parseNetwork } from "../../base/net/index.ts";

const network = z.string().superRefine((text, context) => {
  try {
    parseNetwork(text);
  } catch (error) {
    if (!isModelkeepError(error)) throw error;
    context.addIssue({ code: "custom", message: `${error.message}; ${error.hint}` });
  }
});

const networks = (about: string, initially: string[] = []) => z.array(network).default(initially).describe(about);

const rate = (about: string) =>
  z
    .strictObject({
      perSecond: z.number().positive().max(1e12).describe("units that come back in a second"),
      burst: z
        .number()
        .positive()
        .max(1e15)
        .optional()
        .describe("units that can be taken at once, twice `perSecond` unless given; no single cost may be larger"),
    })
    .describe(about);

/** A unit without a rate is not limited. */
const costs = z.strictObject({
  requests: rate("requests").optional(),
  rows: rate("rows of all batches").optional(),
  bytes: rate("bytes of request bodies").optional(),
  modelMs: rate("milliseconds of model time, charged after the run; 1000 a second is one core's worth").optional(),
});

const mebibyte = 1_048_576;

const limits = z.strictObject({
  stranger: rate(
    "requests without a valid credential, for each address (IPv6: each /64, and eight times this for each /48)",
  ).prefault({
    perSecond: 50,
    burst: 100,
  }),
  strangers: rate("requests without a valid credential from all addresses where no client is known, together").prefault({
    perSecond: 2000,
    burst: 4000,
  }),
  address: costs
    .prefault({ requests: { perSecond: 20_000 }, bytes: { perSecond: 1024 * mebibyte } })
    .describe("requests with a valid credential, for each address"),
  principal: costs
    .prefault({ requests: { perSecond: 10_000 }, bytes: { perSecond: 512 * mebibyte } })
    .describe("for each principal"),
  model: costs.prefault({}).describe("for each model, all principals together"),
  principalModel: costs.prefault({}).describe("for each principal on each model"),
  principals: z.record(z.string(), costs).default({}).describe("by principal's name: what differs from `principal`"),
  models: z.record(z.string(), costs).default({}).describe("by model's name: what differs from `model`"),
  maxBuckets: z.int().min(1024).default(131_072).describe("buckets kept in memory, about 120 bytes each; the fullest go first"),
});

const connections = z.strictObject({
  total: z
    .int()
    .positive()
    .default(10_000)
    .describe("connections open at once; the last tenth is kept for addresses with known clients"),
  perAddress: z.int().positive().default(512).describe("connections open at once from one address (IPv6: one /64)"),
  opened: rate("connections opened by one address where no client is known").prefault({ perSecond: 100, burst: 400 }),
  headTimeoutMs: z
    .int()
    .min(100)
    .default(5000)
    .describe("time from the first byte of a request to the end of its head, milliseconds"),
  requestTimeoutMs: z
    .int()
    .min(0)
    .default(300_000)
    .describe("time from the first byte of a request to the end of its body, milliseconds; 0 for none"),
  keepAliveMs: z.int().min(0).default(15_000).describe("an idle connection is kept this long, milliseconds"),
  requestsEach: z.int().min(0).default(100_000).describe("requests on one connection before it is closed; 0 for any number"),
  maxHeadBytes: z.int().min(1024).max(1_048_576).default(16_384).describe("largest request head, bytes"),
  maxHeadFields: z.int().min(8).default(64).describe("most header fields of a request"),
  minBytesPerSecond: z
    .number()
    .min(0)
    .default(1024)
    .describe("slowest rate at which a body may arrive, bytes per second; 0 for any"),
  graceMs: z.int().min(0).default(5000).describe("how long a body may fall behind that rate, milliseconds"),
});

const bans = z.strictObject({
  automatic: z.boolean().default(true).describe("ban by itself; bans set by hand hold either way"),
  threshold: z.number().positive().default(100).describe("points at which a ban is set"),
  halfLifeSeconds: z.number().positive().default(300).describe("time in which points halve, seconds"),
  points: z
    .strictObject({
      "bad-credential": z.number().min(0).default(2).describe("for an unknown, expired or revoked credential, at the address"),
      "protocol-abuse": z.number().min(0).default(1).describe("for what no honest HTTP client sends, at the address"),
      flood: z
        .number()
        .min(0)
        .default(0.1)
        .describe("for going on after being limited; a tenth of it where the caller is authenticated"),
      "shape-probe": z.number().min(0).default(0.1).describe("for tensors that do not fit, at the credential"),
      forbidden: z.number().min(0).default(0.1).describe("for what policy refuses, at the credential"),
      answered: z.number().min(0).default(0.05).describe("taken off at the credential for each request that was answered"),
    })
    .prefault({})
    .describe("what each irregularity counts; 0 never leads to a ban"),
  lengthsSeconds: z
    .array(z.int().positive())
    .min(1)
    .default([60, 300, 1800, 21_600, 86_400])
    .describe("length of the first ban, the second in a row, and so on, seconds; the last repeats"),
  forgetSeconds: z
    .int()
    .positive()
    .default(86_400)
    .describe("good behaviour after a ban that takes back one step of length, seconds"),
  knownSeconds: z
    .int()
    .positive()
    .default(2_592_000)
    .describe("how long a client counts as known at an address after its last valid credential there, seconds"),
  shared: networks(
    "networks that many share (a proxy that is not trusted, a NAT): automatic bans there shut out strangers only",
    ["127.0.0.0/8", "::1/128"],
  ),
  exempt: networks("networks that are never limited as strangers nor banned, automatically or by hand: health checks"),
  maxAutomatic: z
    .int()
    .positive()
    .default(10_000)
    .describe("automatic bans in force at once; the one that ends first makes room"),
  keepSeconds: z
    .int()
    .positive()
    .default(2_592_000)
    .describe("how long ended bans stay in the store, seconds; the audit log keeps them for ever"),
  pollMs: z
    .int()
    .min(100)
    .default(2000)
    .describe("how often ended bans are closed and, on PostgreSQL, other replicas' bans are read, milliseconds"),
});

const shared = z.strictObject({
  url: secretReference.describe("reference to the URL of Redis or Valkey, `redis://…` or `rediss://…`"),
  flushMs: z.int().min(1).default(20).describe("how long a replica runs ahead of the shared count, milliseconds"),
  failedAfterMs: z
    .int()
    .min(0)
    .default(1000)
    .describe("time without an answer after which the counters count as failed, milliseconds"),
  onFailure: z
    .enum(["local", "refuse"])
    .default("local")
    .describe("then each replica counts for itself, or everything limited is refused"),
});

/** Section `firewall:` of the configuration. */
export const firewallConfig = z.strictObject({
  allow: networks("networks that may connect; without any, all may"),
  block: networks("networks that may not connect; a block holds whatever else is configured"),
  proxies: z
    .strictObject({
      trusted: networks(
        "proxies whose word about the client's address is taken: exactly these, never a network that clients are in",
      ),
      header: z
        .enum(["x-forwarded-for", "forwarded"])
        .default("x-forwarded-for")
        .describe("the header they write; the other is ignored"),
    })
    .prefault({})
    .describe("proxies in front of the gateway"),
  connections: connections.prefault({}).describe("what a connection may do"),
  limits: limits.prefault({}).describe("how much each client may ask for"),
  bans: bans.prefault({}).describe("shutting out for irregular behaviour"),
  shared: shared.optional().describe("count limits together with other replicas; without it each replica counts for itself"),
});

export type FirewallConfig = z.output<typeof firewallConfig>;
