import { z } from "zod";
import { secretReference } from "../../base/config/index.ts";
import { accessConfig } from "../../guard/access/index.ts";
import { auditConfig } from "../../guard/audit/index.ts";
import { firewallConfig } from "../../guard/firewall/index.ts";
import { gatewayConfig, modelsConfig } from "../../guard/gateway/index.ts";
import { keysConfig } from "../../posture/sign/index.ts";

const storeConfig = z.strictObject({
  url: secretReference
    .optional()
    .describe(
      "where the PostgreSQL address lies: `env:DATABASE_URL` or `file:PATH`; without it the embedded database in the state folder is used",
    ),
  maxConnections: z.int().min(1).max(1_000).default(10).describe("largest number of connections to PostgreSQL"),
});

const objectsConfig = z.strictObject({
  folder: z.string().min(1).optional().describe("a folder, relative to the configuration: another disk, or a mounted share"),
  s3: z
    .strictObject({
      endpoint: z.url().describe("address of the store, such as https://s3.eu-central-1.amazonaws.com"),
      bucket: z.string().min(3).max(63).describe("name of the bucket; it must exist"),
      region: z.string().min(1).default("us-east-1").describe("region that requests are signed for"),
      prefix: z.string().optional().describe("put before every key, without a slash at its end"),
      accessKeyId: secretReference.describe("where the access key's id lies"),
      secretAccessKey: secretReference.describe("where the secret access key lies"),
    })
    .optional()
    .describe("an S3-compatible store; it wins over `folder`"),
});

const logConfig = z.strictObject({
  level: z
    .enum(["debug", "info", "warn", "error", "silent"])
    .default("warn")
    .describe("least grave line that is written to standard error"),
  format: z
    .enum(["auto", "json", "text"])
    .default("auto")
    .describe("of those lines; auto is text on a terminal and JSON elsewhere"),
});

const telemetryConfig = z.strictObject({
  otlpUrl: z
    .url()
    .optional()
    .describe("OTLP/HTTP endpoint for traces, such as http://127.0.0.1:4318/v1/traces; without it none are made"),
  sampleRatio: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe("share of requests that are traced when the caller sends no decision of its own"),
});

/** `modelkeep.yaml`: one section a room, every default filled in. */
export const modelkeepConfig = z.strictObject({
  state: z.string().min(1).default(".modelkeep").describe("folder of all state, beside the configuration; mode 0700"),
  gateway: gatewayConfig.prefault({}).describe("where the service listens and how much it takes in"),
  models: modelsConfig.prefault({}).describe("what is served"),
  access: accessConfig.prefault({}).describe("credentials and policies"),
  firewall: firewallConfig.prefault({}).describe("networks, limits and bans"),
  audit: auditConfig.prefault({}).describe("the log that an outsider can verify"),
  keys: keysConfig.default({}).describe("keys that lie elsewhere, which `kms:NAME` names"),
  store: storeConfig.prefault({}).describe("the database"),
  objects: objectsConfig.prefault({}).describe("object store, for the published copy of the log (`audit.publish`)"),
  log: logConfig.prefault({}).describe("operational log"),
  telemetry: telemetryConfig.prefault({}).describe("OpenTelemetry traces"),
});

export type ModelkeepConfig = z.output<typeof modelkeepConfig>;
