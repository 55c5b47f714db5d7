import { secretReference } from "../../../base/config/index.ts";
import { severities } from "../../../base/finding/index.ts";
import { z } from "zod";
import { preprocessConfig } from "../preprocess/config.ts";
import { contractConfig } from "../read/contract-config.ts";

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, "expected sha256: and 64 hexadecimal digits");

/** Names that may stand in a URL, a policy and a log line. They are looked up, never joined to a path. */
export const modelName = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, "expected 1 to 64 of A-Z a-z 0-9 . _ -");

/** Versions are numbers, so that the highest is the newest; names for them are labels. */
export const versionNumber = /^[1-9][0-9]{0,8}$/;
const version = z
  .union([z.int().min(1).max(999_999_999), z.string().regex(versionNumber, "expected a whole number from 1")])
  .transform(String);

const source = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe(
      "an .onnx file, a folder of versions (1/model.onnx, 2/model.onnx, …) or a folder of models (one .onnx file or folder of versions each)",
    ),
  name: modelName
    .optional()
    .describe("the model's name; by default the file's stem or the folder's name. Not for a folder of models"),
  version: version.optional().describe("the version of a single file; 1 by default"),
  trust: z
    .union([digest, z.array(digest)])
    .optional()
    .describe("digest of each file that may run in a worker thread of this process; all others run in a capped child process"),
  isolation: z
    .enum(["auto", "process"])
    .default("auto")
    .describe("auto: trusted files run in a worker thread, others in a capped child process. process: always in a child process"),
  labels: z.record(modelName, version).default({}).describe("names for versions, usable wherever a version is: { stable: 1 }"),
  externalData: z
    .record(z.string().min(1), digest)
    .default({})
    .describe("files beside the model that hold its weights, each with its digest; a model may read no others"),
  maxBatch: z.int().min(1).default(256).describe("largest number of rows in a request; 256 by default"),
  batchBy: z
    .enum(["anyone", "principal"])
    .default("anyone")
    .describe("whose requests may share a run: anyone's, or only those of one principal. Answers are the same either way"),
  signature: z
    .string()
    .min(1)
    .optional()
    .describe("where the signature lies; by default beside the model, or model.sig in its folder or the one above"),
  preprocess: preprocessConfig.optional(),
  defences: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "what stands in front of the model, as `modelkeep defend` builds it in: squeeze:bits=3, median:size=3, jpeg:quality=75",
    ),
  contract: contractConfig.prefault({}).describe("rules for inputs that are tighter than what the graph declares"),
});

/** Section `models:` of the configuration. */
export const modelsConfig = z
  .strictObject({
    serve: z
      .array(z.union([z.string().min(1), source]))
      .default([])
      .describe("models to serve: a path, or a path with settings"),
    requireSignature: z
      .boolean()
      .default(false)
      .describe(
        "serve only models that someone signed whom trustPolicy trusts with them, at start and whenever a file is swapped",
      ),
    trustPolicy: z
      .string()
      .min(1)
      .optional()
      .describe("the trust policy (trust.yaml); a signature that is there must hold, also where none is required"),
    identities: z
      .array(z.union([secretReference, z.string().regex(/^kms:[A-Za-z0-9._-]{1,64}$/)]))
      .default([])
      .describe(
        "where the age identities lie that open sealed models: `file:PATH` or `env:NAME`, or a key under `keys:`, `kms:NAME`; opened in memory, never on disk",
      ),
    failOn: z.enum(severities).default("high").describe("least grave finding of the scan that keeps a model from being served"),
    pollMs: z.int().min(50).default(1000).describe("how often files and folders are looked at for change, milliseconds"),
    settleMs: z.int().min(0).default(500).describe("a file is taken up once it has not changed for this long, milliseconds"),
    drainMs: z.int().min(0).default(60_000).describe("time a replaced version gets to finish its requests, milliseconds"),
  })
  .refine(({ requireSignature, trustPolicy }) => !requireSignature || trustPolicy !== undefined, {
    path: ["trustPolicy"],
    error: "requireSignature needs trustPolicy: a signature by anyone is none",
  });

export type ModelsConfig = z.output<typeof modelsConfig>;

/** One entry of `models.serve`, with what it leaves out filled in. */
export interface ModelSource extends Omit<z.output<typeof source>, "trust"> {
  readonly trust: readonly string[];
  /** Whether signatures are looked at. */
  readonly signed: boolean;
}

/** The entries of `models.serve`, in order, each in its long form. */
export function sourcesOf(config: ModelsConfig): readonly ModelSource[] {
  return config.serve.map((entry) => {
    const { trust = [], ...rest } = typeof entry === "string" ? source.parse({ path: entry }) : entry;
    return { ...rest, signed: config.trustPolicy !== undefined, trust: typeof trust === "string" ? [trust] : trust };
  });
}
