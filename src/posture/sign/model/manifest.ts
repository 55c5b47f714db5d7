/**
 * What a model signature says of the files: the predicate of OpenSSF Model Signing v1.0 (github.com/ossf/model-signing-spec, sections 5 and 6).
 */

import { createSha256, fromHex, toHex } from "../../../base/crypto/index.ts";
import { z } from "zod";
import { checked, malformed } from "../envelope/json.ts";
import type { Statement } from "../envelope/statement.ts";
import { legacyPredicateType } from "./legacy.ts";
import { canonicalPath, compareNames } from "./paths.ts";

export const hashTypes = ["sha256", "blake2b", "blake3"] as const;
export type HashType = (typeof hashTypes)[number];

export interface ModelManifest {
  /** What the signer called the model; for people only. */
  readonly name: string;
  readonly hashType: HashType;
  /** Bytes of a shard; undefined when files are hashed whole. */
  readonly shardBytes: number | undefined;
  readonly allowSymlinks: boolean;
  /** Relative to the model. */
  readonly ignorePaths: readonly string[];
  readonly resources: readonly Resource[];
  /** `sha256:<hex>` over all digests in order: one name for the whole model. */
  readonly rootDigest: string;
}

/** A file, or with shards a range of one. */
export interface Resource {
  /** As it stands in the manifest: the path, with shards `path:start:end`. */
  readonly name: string;
  readonly path: string;
  /** Lower-case hexadecimal. */
  readonly digest: string;
}

export const modelPredicateType = "https://model_signing/signature/v1.0";

/** What stands for the one file of a model that is a file: the reference implementation writes this, the specification the file's name. */
export const singleFile = ".";

const digestText = z.string().regex(/^([0-9a-f]{2}){16,64}$/, "expected 16 to 64 bytes in lower-case hexadecimal");
const truth = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);
const path = z.string().min(1).max(4096);

const predicateSchema = z.object({
  serialization: z.object({
    method: z.enum(["files", "shards"]),
    hash_type: z.enum(hashTypes),
    allow_symlinks: truth,
    shard_size: z.int().positive().optional(),
    ignore_paths: z.array(z.string().max(4096)).max(10_000).optional(),
  }),
  resources: z.array(z.object({ name: path, digest: digestText, algorithm: z.string().max(64) })).min(1),
});

/**
 * The manifest in a statement; the envelope around it must have been verified.
 * @throws `sign/malformed-statement`
 */
export function readManifest(statement: Statement): ModelManifest {
  if (statement.predicateType === legacyPredicateType) return legacyManifest(statement);
  if (statement.predicateType !== modelPredicateType) throw bad("it is not about a model: its predicate type is another");
  const [subject] = statement.subjects;
  if (statement.subjects.length !== 1 || subject === undefined) throw bad("it has more than one subject");
  const { serialization, resources } = checked(statement.predicate, predicateSchema, {
    code: "sign/malformed-statement",
    what: "the predicate",
  });
  const shardBytes = serialization.method === "shards" ? serialization.shard_size : undefined;
  if (serialization.method === "shards" && shardBytes === undefined) throw bad("it has shards of no size");
  const { hash_type: hashType } = serialization;
  const allowed = [hashType, `${hashType}-sharded-${shardBytes}`];
  const read = resources.map(({ name, digest, algorithm }): Resource => {
    if (!allowed.includes(algorithm)) throw bad(`it mixes ${hashType} with another digest`);
    return { name, path: pathOf(name, shardBytes), digest };
  });
  const rootDigest = rootDigestOf(read);
  if (rootDigest !== `sha256:${subject.digest["sha256"]}`) throw bad("its root digest is not that of its files");
  return {
    name: subject.name,
    hashType,
    shardBytes,
    allowSymlinks: serialization.allow_symlinks,
    ignorePaths: serialization.ignore_paths ?? [],
    resources: unique(read),
    rootDigest,
  };
}

/** Version 0.2 of model-signing put files among the subjects and knew one way to hash them. */
function legacyManifest({ subjects }: Statement): ModelManifest {
  const resources = subjects.map(({ name, digest }): Resource => {
    const { sha256 } = digest;
    if (name === "" || sha256?.length !== 64) throw bad("it has a file without a name or a SHA-256");
    return { name, path: pathOf(name, undefined), digest: sha256 };
  });
  return {
    name: "",
    hashType: "sha256",
    shardBytes: undefined,
    allowSymlinks: false,
    ignorePaths: [],
    resources: unique(resources),
    rootDigest: rootDigestOf(resources),
  };
}

/** Section 6.3.2: the last two numbers are the range, since a name may hold colons itself. */
function pathOf(name: string, shardBytes: number | undefined): string {
  const found = shardBytes === undefined ? name : /^(.+):\d{1,16}:\d{1,16}$/s.exec(name)?.[1];
  if (found === undefined) throw bad("it has a shard whose name is no range");
  if (found !== singleFile && canonicalPath(found) !== found)
    throw bad("it has a file whose name is no relative path in short form");
  return found;
}

function unique(resources: readonly Resource[]): readonly Resource[] {
  if (new Set(resources.map(({ name }) => name)).size !== resources.length) throw bad("it names a file twice");
  return resources;
}

/** Section 6.5.1. */
export function rootDigestOf(resources: readonly { readonly digest: string }[]): string {
  const hash = createSha256();
  for (const { digest } of resources) hash.update(fromHex(digest));
  return `sha256:${toHex(hash.digest())}`;
}

/** The statement of a manifest, its resources in order of name. */
export function manifestStatement(manifest: Omit<ModelManifest, "rootDigest">): Statement {
  const { name, hashType, shardBytes, allowSymlinks, ignorePaths } = manifest;
  const resources = manifest.resources.toSorted((a, b) => compareNames(a.name, b.name));
  return {
    subjects: [{ name, digest: { sha256: rootDigestOf(resources).slice("sha256:".length) } }],
    predicateType: modelPredicateType,
    predicate: {
      serialization: {
        method: shardBytes === undefined ? "files" : "shards",
        hash_type: hashType,
        ...(shardBytes !== undefined && { shard_size: shardBytes }),
        allow_symlinks: allowSymlinks,
        ...(ignorePaths.length > 0 && { ignore_paths: ignorePaths.toSorted(compareNames) }),
      },
      resources: resources.map((resource) => ({ name: resource.name, algorithm: hashType, digest: resource.digest })),
    },
  };
}

const bad = (what: string) => malformed("sign/malformed-statement", `the statement cannot be used: ${what}`);
