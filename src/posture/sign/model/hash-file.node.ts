import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { createHash } from "node:crypto";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { blake3 } from "@noble/hashes/blake3.js";
import { toHex } from "../../../base/crypto/index.ts";
import type {} from "../errors.ts";
import type { HashType } from "./manifest.ts";

/** A digest in progress. */
interface Hashing {
  update(bytes: Uint8Array): unknown;
  /** Lower-case hexadecimal. */
  hex(): string;
}

export interface HashRules {
  readonly hashType: HashType;
  /** Undefined: the file whole. */
  readonly shardBytes: number | undefined;
  /** Whether the path itself may be a symbolic link. */
  readonly followLink: boolean;
}

export interface HashedPart {
  readonly start: number;
  readonly end: number;
  readonly digest: string;
}

export interface HashedFile {
  readonly sizeBytes: number;
  /** One for a whole file, also for an empty one; of shards none when the file is empty. */
  readonly parts: readonly HashedPart[];
}

/** Fits the second-level cache of any machine, so that bytes are hashed where they were copied to. */
const windowBytes = 1 << 18;

let shared: Buffer | undefined;

/**
 * Hashes a file of any size in constant memory, opened once: what is hashed is one file, whatever happens to its name.
 * @throws `sign/changed` when it is written to meanwhile, `sign/bad-path` for what is no file, NodeJS.ErrnoException
 */
export function hashFile(path: string, rules: HashRules): HashedFile {
  // O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (rules.followLink ? 0 : constants.O_NOFOLLOW);
  const descriptor = openSync(path, flags);
  try {
    const before = fstatSync(descriptor, { bigint: true });
    if (!before.isFile()) throw notAFile(path);
    const sizeBytes = Number(before.size);
    const parts = hashParts(descriptor, path, sizeBytes, rules);
    const after = fstatSync(descriptor, { bigint: true });
    if (after.size !== before.size || after.mtimeNs !== before.mtimeNs || after.ctimeNs !== before.ctimeNs) throw changed(path);
    return { sizeBytes, parts };
  } finally {
    closeSync(descriptor);
  }
}

function hashParts(descriptor: number, path: string, sizeBytes: number, { hashType, shardBytes }: HashRules): HashedPart[] {
  return ranges(sizeBytes, shardBytes).map(({ start, end }) => {
    const hash = hashing(hashType);
    feed(descriptor, path, { start, end }, hash);
    return { start, end, digest: hash.hex() };
  });
}

/** The same over bytes in memory. */
export function hashBytes(bytes: Uint8Array, { hashType, shardBytes }: Omit<HashRules, "followLink">): HashedPart[] {
  return ranges(bytes.length, shardBytes).map(({ start, end }) => {
    const hash = hashing(hashType);
    for (let at = start; at < end; at += windowBytes) hash.update(bytes.subarray(at, Math.min(end, at + windowBytes)));
    return { start, end, digest: hash.hex() };
  });
}

/** One range for a whole file, also for an empty one; of shards none when it is empty. */
function ranges(sizeBytes: number, shardBytes: number | undefined): { start: number; end: number }[] {
  if (shardBytes === undefined) return [{ start: 0, end: sizeBytes }];
  const count = Math.ceil(sizeBytes / shardBytes);
  return Array.from({ length: count }, (_, i) => ({ start: i * shardBytes, end: Math.min(sizeBytes, (i + 1) * shardBytes) }));
}

function feed(descriptor: number, path: string, { start, end }: { start: number; end: number }, hash: Hashing): void {
  const buffer = (shared ??= Buffer.allocUnsafeSlow(windowBytes));
  for (let at = start; at < end;) {
    const got = readSync(descriptor, buffer, 0, Math.min(windowBytes, end - at), at);
    if (got === 0) throw changed(path);
    hash.update(got === windowBytes ? buffer : buffer.subarray(0, got));
    at += got;
  }
}

function hashing(hashType: HashType): Hashing {
  if (hashType === "blake3") {
    const state = blake3.create({});
    return { update: (bytes) => state.update(bytes), hex: () => toHex(state.digest()) };
  }
  const state = createHash(hashType === "sha256" ? "sha256" : "blake2b512");
  return { update: (bytes) => state.update(bytes), hex: () => state.digest("hex") };
}

function changed(path: string): ModelkeepError {
  return new ModelkeepError("sign/changed", {
    message: `${quote(path, 160)} changed while it was hashed`,
    hint: "wait until nothing writes to it",
  });
}

function notAFile(path: string): ModelkeepError {
  return new ModelkeepError("sign/bad-path", {
    message: `${quote(path, 160)} is no regular file`,
    hint: "give a model's file or folder",
    exit: 4,
  });
}
