/**
 * Reads every file of a log and says whether each byte is what the log signed. Trusts nothing but the key: entries are hashed again,
 * tiles built again, and the root compared with the signed one. Streams: a million entries take no more memory than a thousand.
 */

import {
  equalBytes,
  formatVerifierKey,
  nativeSigningKey,
  nativeVerify,
  parseSignerKey,
  parseVerifierKey,
} from "../../base/crypto/index.node.ts";
import type { VerifierKey } from "../../base/crypto/index.ts";
import { escapeText, isModelkeepError, quote } from "../../base/error/index.ts";
import type { Disk } from "../../base/port/index.ts";
import { parseCheckpoint, verifyNote } from "../../base/tlog/index.ts";
import type { Checkpoint } from "../../base/tlog/index.ts";
import { Findings } from "./findings.ts";
import { paths } from "./paths.ts";
import { Reading } from "./reading.ts";
import { parseCommitmentKey } from "./signer.ts";
import { takeSnapshot } from "./snapshot.ts";

export interface VerifyOptions {
  /** The audit folder of the state, or a copy of the log folder in it alone; then a key must be given. */
  readonly disk: Disk;
  /** The log's verifier key, kept outside the machine; without it the one beside the log is believed. */
  readonly key?: string | undefined;
  /** A checkpoint of this log that was saved earlier, outside the machine. */
  readonly checkpoint?: string | Uint8Array | undefined;
  /** False for a log that nobody writes to: what looks half-written is then believed at once. */
  readonly patient?: boolean;
}

export interface LogVerdict {
  readonly ok: boolean;
  readonly origin: string;
  /** Entries that were verified, journals included. */
  readonly size: number;
  /** Root hash over all of them, base64. */
  readonly root: string;
  /** Index of the first entry that is missing or differs, or null when no entry is to blame. */
  readonly firstBad: number | null;
  readonly reasons: readonly string[];
  /** What nobody could tell from the files and what was given alone. */
  readonly cannotExclude: readonly string[];
}

/**
 * @example
 * const verdict = await verifyLog({ disk: createFolderDisk(".modelkeep/audit"), key, checkpoint: saved });
 * if (!verdict.ok) console.error(verdict.reasons);
 */
export async function verifyLog(given: VerifyOptions): Promise<LogVerdict> {
  const options = { ...given, disk: await auditFolderOf(given.disk) };
  const findings = new Findings();
  const key = await findKey(options, findings);
  const snapshot = await takeSnapshot(options.disk, options.patient ?? true);
  for (const path of snapshot.unknown) findings.add(`${quote(path)} is not a file of this log`);
  const checkpoint = key && openCheckpoint(snapshot.checkpoint, key, findings);
  const saved = key && options.checkpoint !== undefined ? openSaved(options.checkpoint, key, findings) : undefined;
  let reading: Reading | undefined;
  if (key !== undefined && checkpoint !== undefined) {
    reading = new Reading(options.disk, snapshot, { key, checkpoint, saved }, findings);
    await reading.readAll();
  }
  return {
    ok: findings.reasons.length === 0,
    origin: escapeText(checkpoint?.origin ?? ""),
    size: reading?.size ?? 0,
    root: reading?.root ?? "",
    firstBad: findings.firstBad,
    reasons: findings.reasons,
    cannotExclude: cannotExclude(options, saved),
  };
}

/** A copy of the log alone, seen as the audit folder that it lay in. */
async function auditFolderOf(disk: Disk): Promise<Disk> {
  if ((await disk.read(paths.checkpoint)) !== undefined || (await disk.read("checkpoint")) === undefined) return disk;
  const within = (path: string) => (path === paths.log ? "" : path.slice(paths.log.length + 1));
  const inLog = (path: string) => path === paths.log || path.startsWith(`${paths.log}/`);
  return {
    ...disk,
    read: async (path) => (inLog(path) ? disk.read(within(path)) : undefined),
    list: async (folder) => (inLog(folder) ? disk.list(within(folder)) : []),
  };
}

/** The key to verify by; the key files beside the log are files that it wrote, so they are looked at too. */
async function findKey({ disk, key: given }: VerifyOptions, findings: Findings): Promise<VerifierKey | undefined> {
  const parse = <T>(what: string, read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!isModelkeepError(error)) throw error;
      findings.add(`${what}: ${error.message}`);
      return undefined;
    }
  };
  const textOf = async (path: string) => {
    const bytes = await disk.read(path);
    return bytes && Buffer.from(bytes).toString("utf8");
  };
  const lineOf = (text: string) => (text.endsWith("\n") ? text.slice(0, -1) : `${text}\u0000`);
  const publicText = await textOf(paths.verifierKey);
  const local = publicText === undefined ? undefined : parse(paths.verifierKey, () => parseVerifierKey(lineOf(publicText)));
  const key = given === undefined ? local : parse("the given key", () => parseVerifierKey(given.trim()));
  if (given === undefined && publicText === undefined) findings.add(`no key was given and ${paths.verifierKey} is missing`);
  const secretText = await textOf(paths.signingKey);
  if (secretText !== undefined) {
    const signer = parse(paths.signingKey, () => parseSignerKey(lineOf(secretText), nativeSigningKey));
    const same = signer && local && signer.name === local.name && equalBytes(signer.key.publicKey, local.publicKey);
    if (signer && local && !same) findings.add(`${paths.signingKey} and ${paths.verifierKey} are not one pair`);
  }
  const commitments = await textOf(paths.commitmentKey);
  if (commitments !== undefined) parse(paths.commitmentKey, () => parseCommitmentKey(lineOf(commitments)));
  return key;
}

function openCheckpoint(bytes: Uint8Array | undefined, key: VerifierKey, findings: Findings): Checkpoint | undefined {
  if (bytes === undefined) {
    findings.add("the checkpoint is missing");
    return undefined;
  }
  return openSigned("the checkpoint", bytes, key, findings);
}

function openSaved(bytes: Uint8Array | string, key: VerifierKey, findings: Findings): Checkpoint | undefined {
  return openSigned("the saved checkpoint", bytes, key, findings);
}

function openSigned(what: string, note: Uint8Array | string, key: VerifierKey, findings: Findings): Checkpoint | undefined {
  const verdict = verifyNote(note, [key], nativeVerify);
  if (!verdict.ok) {
    findings.add(`${what} does not verify under ${quote(formatVerifierKey(key), 200)}: ${verdict.reason}`);
    return undefined;
  }
  try {
    const checkpoint = parseCheckpoint(verdict.text);
    if (checkpoint.origin === key.name) return checkpoint;
    findings.add(`${what} is of the log ${quote(checkpoint.origin)}, the key of ${quote(key.name)}`);
  } catch (error) {
    if (!isModelkeepError(error)) throw error;
    findings.add(`${what}: ${error.message}`);
  }
  return undefined;
}

function cannotExclude({ key, checkpoint }: VerifyOptions, saved: Checkpoint | undefined): string[] {
  const doubts: string[] = [];
  if (key === undefined)
    doubts.push("the whole log written anew under another key: give the public key that you kept elsewhere (--key)");
  if (checkpoint === undefined) {
    doubts.push(
      "entries cut from the end, or the log put back to an earlier state: give a checkpoint that you saved elsewhere (--checkpoint)",
      "another version of this log shown to somebody else: compare checkpoints with them (--checkpoint)",
    );
  } else if (saved !== undefined) {
    doubts.push(
      `entries from number ${saved.size} on cut off or rewritten by the holder of the signing key: save checkpoints often, elsewhere`,
    );
  }
  return doubts;
}
