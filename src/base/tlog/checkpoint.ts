/** Checkpoints: c2sp.org/tlog-checkpoint. What a log commits to when it signs: its name, its size, its root. */

import { fromBase64, toBase64 } from "../crypto/index.ts";
import { hashBytes } from "./merkle.ts";
import { badNote, parseNote, signNote } from "./note.ts";
import type { NoteSigner } from "./note.ts";

export interface Checkpoint {
  readonly origin: string;
  /** Number of entries. */
  readonly size: number;
  readonly root: Uint8Array;
}

/** The checkpoint as a signed note. */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly NoteSigner[]): string {
  return signNote(`${checkpoint.origin}\n${checkpoint.size}\n${toBase64(checkpoint.root)}\n`, signers);
}

/**
 * What a checkpoint's text says. Extension lines are passed over; signatures are not looked at: see `verifyNote`.
 * @throws `tlog/bad-note` when it is not a checkpoint
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = "", size = "", root = "", ...rest] = text.split("\n");
  if (rest.length === 0 || rest.pop() !== "" || rest.includes("") || origin === "")
    throw badNote("is not a checkpoint: origin, size and root, one a line");
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size)))
    throw badNote("has no tree size in its second line");
  let hash: Uint8Array;
  try {
    hash = fromBase64(root);
  } catch (cause) {
    throw badNote("has no base64 root hash in its third line", cause);
  }
  if (hash.length !== hashBytes) throw badNote(`has a root hash of ${hash.length} bytes, not 32`);
  return { origin, size: Number(size), root: hash };
}

/**
 * The checkpoint inside a signed note, unverified.
 * @throws `tlog/bad-note` when it is malformed
 */
export function readCheckpoint(note: Uint8Array | string): Checkpoint {
  return parseCheckpoint(parseNote(note).text);
}
