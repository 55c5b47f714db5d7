import { z } from "zod";
import { secretReference } from "../../base/config/index.ts";

/** Section `audit:` of the configuration: how strict the log is, who signs it, and how much a stranger may write into it. */
export const auditConfig = z.strictObject({
  mode: z
    .enum(["strict", "async"])
    .default("strict")
    .describe(
      "strict: an answer leaves after its entry is durable. async: an answer may leave first; a crash loses at most maxPendingBytes or maxPendingMs of entries, whichever is less",
    ),
  origin: z
    .string()
    .regex(/^[^\s+]{1,200}$/, "takes a name without spaces or plus signs")
    .optional()
    .describe(
      "the log's name, for example `models.example.com/replica-1`: unique per replica and fixed for its life; random by default",
    ),
  key: secretReference
    .optional()
    .describe("the Ed25519 key that signs the log (PEM, or a note signer key); without it one is made in the state folder"),
  gatherMs: z
    .int()
    .min(0)
    .max(1000)
    .default(2)
    .describe(
      "least time between two group commits, milliseconds: more of it means fewer syncs under load, never a wait when idle",
    ),
  integrateMs: z
    .int()
    .min(10)
    .max(60_000)
    .default(1000)
    .describe("how often durable entries become tiles and a signed checkpoint, milliseconds"),
  maxPendingBytes: z
    .int()
    .min(65_536)
    .default(16_777_216)
    .describe("entries that may wait to become durable, bytes; beyond it new ones are refused (strict) or wait (async)"),
  maxPendingMs: z
    .int()
    .min(1)
    .default(1000)
    .describe("async only: longest time an answered entry may wait to become durable, milliseconds"),
  reserveBytes: z
    .int()
    .min(0)
    .default(67_108_864)
    .describe(
      "disk space kept for entries of authenticated callers, bytes (at most a twentieth of the disk): below it refusals of strangers are only counted",
    ),
  publish: z
    .strictObject({
      prefix: z
        .string()
        .regex(/^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/, "takes a path without a leading or trailing slash")
        .default("audit")
        .describe("where in the object store: PREFIX/ORIGIN/checkpoint and PREFIX/ORIGIN/tile/…"),
    })
    .optional()
    .describe(
      "keep a copy of checkpoint, tiles and entries in the object store, for outsiders and as a memory outside this machine",
    ),
  refusals: z
    .strictObject({
      perAddressPerMinute: z
        .int()
        .min(0)
        .default(20)
        .describe(
          "refusals without a valid credential that are entered one by one, per address (IPv6: per /64) and minute; the rest is summarised",
        ),
      perMinute: z.int().min(0).default(600).describe("the same over all addresses together"),
      addresses: z
        .int()
        .min(1)
        .default(10_000)
        .describe("addresses that are told apart; beyond it refusals are summarised together"),
      summariesPerMinute: z
        .int()
        .min(1)
        .default(100)
        .describe("summaries of single addresses per minute; the rest is one summary"),
    })
    .prefault({})
    .describe("how much strangers may write into the log"),
});

export type AuditConfig = z.output<typeof auditConfig>;
