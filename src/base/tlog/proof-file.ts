/** One entry's proof as a text that needs nothing else but the log's key: c2sp.org/tlog-proof. */

import { fromBase64, fromUtf8, sha256, toBase64, utf8, verifyEd25519 } from "../crypto/index.ts";
import type { Sha256, VerifierKey, VerifySignature } from "../crypto/index.ts";
import { isModelkeepError } from "../error/index.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { hashBytes, leafHash, verifyInclusion } from "./merkle.ts";
import { badNote, verifyNote } from "./note.ts";

const header = "c2sp.org/tlog-proof@v1";

export interface ProofFile {
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  /** The signed note, verbatim. */
  readonly checkpoint: string;
  /** Whatever the application adds; nothing vouches for it. */
  readonly extra?: Uint8Array;
}

export function formatProofFile({ index, proof, checkpoint, extra }: ProofFile): string {
  const lines = [header, ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]), `index ${index}`, ...proof.map(toBase64)];
  return `${lines.join("\n")}\n\n${checkpoint}`;
}

/** @throws `tlog/bad-note` when it is malformed */
export function parseProofFile(file: Uint8Array | string): ProofFile {
  const text = decode(file);
  const split = text.indexOf("\n\n");
  if (split < 0) throw badNote("is not a proof: the empty line before the checkpoint is missing");
  const lines = text.slice(0, split).split("\n");
  if (lines.shift() !== header) throw badNote(`is not a proof: its first line is not ${header}`);
  const extra = lines[0]?.startsWith("extra ") ? base64(lines.shift()!.slice(6)) : undefined;
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? "")?.[1];
  if (index === undefined || !Number.isSafeInteger(Number(index))) throw badNote("is not a proof: it has no index line");
  if (lines.length > 63) throw badNote("is not a proof: it has more than 63 hashes");
  const proof = lines.map(base64);
  if (proof.some((hash) => hash.length !== hashBytes)) throw badNote("is not a proof: a hash has another length than 32 bytes");
  return { index: Number(index), proof, checkpoint: text.slice(split + 2), ...(extra === undefined ? {} : { extra }) };
}

export type ProofVerdict =
  | { readonly ok: true; readonly checkpoint: Checkpoint; readonly index: number }
  | { readonly ok: false; readonly reason: string };

export interface ProofClaim {
  readonly file: Uint8Array | string;
  /** The entry's bytes, exactly as logged. */
  readonly entry: Uint8Array;
  /** The log's key; its name is the origin that is accepted. */
  readonly key: VerifierKey;
}

/** Whether the file proves that the entry stands in the log of this key. The steps are those of c2sp.org/tlog-proof, "Verifying". */
export function verifyProofFile(
  { file, entry, key }: ProofClaim,
  { hash = sha256, verify = verifyEd25519 }: { hash?: Sha256; verify?: VerifySignature } = {},
): ProofVerdict {
  try {
    const { index, proof, checkpoint: note } = parseProofFile(file);
    const signed = verifyNote(note, [key], verify);
    if (!signed.ok) return signed;
    const checkpoint = parseCheckpoint(signed.text);
    if (checkpoint.origin !== key.name) return { ok: false, reason: "the checkpoint is of another log" };
    const included = verifyInclusion({ leaf: leafHash(entry, hash), index, proof, ...checkpoint }, hash);
    return included
      ? { ok: true, checkpoint, index }
      : { ok: false, reason: "the entry does not stand at this index of the signed tree" };
  } catch (error) {
    if (isModelkeepError(error)) return { ok: false, reason: error.message };
    throw error;
  }
}

function decode(file: Uint8Array | string): string {
  try {
    return fromUtf8(typeof file === "string" ? utf8(file) : file);
  } catch (cause) {
    throw badNote("is not UTF-8", cause);
  }
}

function base64(text: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch (cause) {
    throw badNote("is not a proof: a line is not base64", cause);
  }
}
