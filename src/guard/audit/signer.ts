/** The keys of a log: who signs it, and the secret behind its commitments. Both lie beside the log folder, never in it. */

import { mkdir } from "node:fs/promises";
import {
  digestOf,
  formatSignerKey,
  formatVerifierKey,
  fromBase64,
  nativeSha256,
  nativeSigningKey,
  parseSignerKey,
  parseVerifierKey,
  signingKeyFromPem,
  toBase64,
  toHex,
  utf8,
} from "../../base/crypto/index.node.ts";
import type { SigningKey } from "../../base/crypto/index.ts";
import { readSecret } from "../../base/config/index.node.ts";
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { createFolderDisk } from "../../base/port/index.node.ts";
import { ensureFolder, replaceFile, systemRandom } from "../../base/port/index.ts";
import type { Disk, Random } from "../../base/port/index.ts";
import { noteSigner } from "../../base/tlog/index.ts";
import type { NoteSigner } from "../../base/tlog/index.ts";
import type { AuditConfig } from "./config.ts";
import type {} from "./errors.ts";
import { paths } from "./paths.ts";

export interface AuditSigner {
  readonly note: NoteSigner;
  /** What salts of commitments are derived from. */
  readonly commitmentSecret: Uint8Array;
  /** Why this key should no longer be used, for example because its file is gone; undefined when all is well. */
  check(): Promise<string | undefined>;
}

export interface OpenSignerOptions {
  /** The audit folder of the state; made when it is not there. */
  readonly dir?: string;
  /** The same as a disk. */
  readonly disk?: Disk;
  readonly config?: Pick<AuditConfig, "origin" | "key">;
  /** What `file:` references in the configuration are relative to. */
  readonly baseDir?: string;
  readonly random?: Random;
}

/** The audit folder as a disk, made (mode 0700) when it is not there. */
export async function openAuditFolder(dir: string): Promise<Disk> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return createFolderDisk(dir);
}

/**
 * Reads the signing key, or makes one at the very first start.
 * @throws `audit/key-lost` when there is a log but no key: a new key would silently start another log
 * @throws `audit/wrong-key` when the configured origin is not the key's name
 * @throws `crypto/bad-key` when a key file is damaged
 */
export async function openSigner(options: OpenSignerOptions): Promise<AuditSigner> {
  const { config = {}, random = systemRandom } = options;
  const { origin } = config;
  const disk = options.disk ?? (await openAuditFolder(options.dir ?? "."));
  const keyText = config.key === undefined ? undefined : await readSecret(config.key, { baseDir: options.baseDir ?? "." });
  await ensureFolder(disk, paths.temporary);
  const { name, key } =
    keyText === undefined ? await ownKey(disk, origin, random) : await givenKey(disk, origin, keyText, random);
  if (origin !== undefined && origin !== name) {
    throw new ModelkeepError("audit/wrong-key", {
      message: `the log is named ${quote(name)} by its key, the configuration says ${quote(origin)}`,
      hint: "a log keeps its name for life: set `audit.origin` back, or start a new log in another state folder",
    });
  }
  const note = noteSigner(name, key);
  await publishVerifierKey(disk, note);
  const kept = await disk.read(paths.signingKey);
  return {
    note,
    commitmentSecret: await openCommitmentSecret(disk, random),
    async check() {
      if (config.key !== undefined) return checkGiven(config.key, keyText, options.baseDir);
      const now = await disk.read(paths.signingKey).catch(() => undefined);
      return now !== undefined && kept !== undefined && Buffer.compare(now, kept) === 0
        ? undefined
        : "the signing key's file is gone or changed";
    },
  };
}

/** Whoever takes a key's file away withdraws it, also where the configuration says that it lies elsewhere. Nothing else can be read twice. */
async function checkGiven(reference: string, keyText: string | undefined, baseDir = "."): Promise<string | undefined> {
  if (!reference.startsWith("file:")) return undefined;
  const now = await readSecret(reference, { baseDir }).catch(() => undefined);
  return now === keyText ? undefined : "the file of the configured signing key is gone or changed";
}

async function ownKey(disk: Disk, origin: string | undefined, random: Random): Promise<{ name: string; key: SigningKey }> {
  const found = await disk.read(paths.signingKey);
  if (found !== undefined) return parseSignerKey(oneLine(found), nativeSigningKey);
  if ((await disk.list(paths.log)).length > 0) {
    throw new ModelkeepError("audit/key-lost", {
      message: `there is a log, but its signing key ${quote(paths.signingKey)} is gone`,
      hint: "restore the key from its backup; or move the whole audit folder away to start another log",
    });
  }
  const name = origin ?? randomOrigin(random);
  await writeText(disk, paths.signingKey, formatSignerKey(name, random.bytes(32)));
  return parseSignerKey(oneLine((await disk.read(paths.signingKey))!), nativeSigningKey);
}

/** A key from elsewhere. A PEM key has no name of its own: the configured one counts, then the one it was first used with. */
async function givenKey(
  disk: Disk,
  origin: string | undefined,
  keyText: string,
  random: Random,
): Promise<{ name: string; key: SigningKey }> {
  if (keyText.startsWith("PRIVATE+KEY+")) return parseSignerKey(keyText.trim(), nativeSigningKey);
  const key = signingKeyFromPem(keyText);
  const known = await disk.read(paths.verifierKey);
  const name = origin ?? (known === undefined ? randomOrigin(random) : parseVerifierKey(oneLine(known)).name);
  return { name, key };
}

async function publishVerifierKey(disk: Disk, note: NoteSigner): Promise<void> {
  const text = formatVerifierKey(note);
  const known = await disk.read(paths.verifierKey);
  if (known === undefined || Buffer.from(known).toString("utf8") !== `${text}\n`) await writeText(disk, paths.verifierKey, text);
}

const commitmentTitle = "modelkeep-commitments";

/** One line: title, checksum, secret; the checksum tells a damaged file from another secret. */
async function openCommitmentSecret(disk: Disk, random: Random): Promise<Uint8Array> {
  const found = await disk.read(paths.commitmentKey);
  if (found !== undefined) return parseCommitmentKey(oneLine(found));
  const secret = random.bytes(32);
  await writeText(disk, paths.commitmentKey, `${commitmentTitle} ${checksum(secret)} ${toBase64(secret)}`);
  return secret;
}

/** @throws `crypto/bad-key` when the line is damaged */
export function parseCommitmentKey(line: string): Uint8Array {
  const [title, sum, encoded = "", ...rest] = line.split(" ");
  try {
    const secret = fromBase64(encoded);
    if (title === commitmentTitle && rest.length === 0 && secret.length === 32 && sum === checksum(secret)) return secret;
  } catch {
    // told below
  }
  throw new ModelkeepError("crypto/bad-key", {
    message: `the commitment key ${quote(paths.commitmentKey)} is damaged`,
    hint: "restore it from its backup; without it the commitments in the log cannot be opened",
  });
}

function checksum(secret: Uint8Array): string {
  return digestOf(secret, nativeSha256).slice(7, 15);
}

function randomOrigin(random: Random): string {
  return `modelkeep.local/${toHex(random.bytes(6))}`;
}

function oneLine(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8").replace(/\n$/, "");
}

async function writeText(disk: Disk, path: string, text: string): Promise<void> {
  await replaceFile(disk, path, utf8(`${text}\n`), `${paths.temporary}/key`);
}
