/**
 * The journal's unit: the entries of one group commit and a signature over the tree they complete. Layout, all numbers big-endian:
 *
 *     "MKF1" · uint32 length of the entries · entries as in a tlog-tiles bundle · uint16 length of the note · signed note
 *
 * The note's text is not a checkpoint (its first line is no origin), so a frame that was signed and then lost in a crash never
 * makes the log contradict a checkpoint it published.
 */

import { fromBase64, nativeVerify, toBase64 } from "../../base/crypto/index.node.ts";
import type { VerifierKey } from "../../base/crypto/index.ts";
import { hashBytes, parseBundle, signNote, verifyNote } from "../../base/tlog/index.ts";
import type { NoteSigner } from "../../base/tlog/index.ts";

const magic = 0x4d4b4631; // "MKF1"
const noteTitle = "modelkeep.dev/audit-frame@v1";

/** The tree that a frame completes. */
export interface FrameHead {
  readonly origin: string;
  /** Entries in the tree, this frame's included. */
  readonly size: number;
  readonly root: Uint8Array;
}

export interface Frame {
  readonly entries: readonly Uint8Array[];
  /** Signed; see {@link verifyFrameNote}. */
  readonly note: Uint8Array;
  /** Where the frame ends in its journal, bytes. */
  readonly end: number;
}

/** The frame as bytes, in one allocation. */
export function formatFrame(entries: readonly Uint8Array[], head: FrameHead, signer: NoteSigner): Buffer {
  const note = Buffer.from(signNote(frameText(head), [signer]));
  let entriesBytes = 0;
  for (const entry of entries) entriesBytes += 2 + entry.length;
  const frame = Buffer.allocUnsafe(8 + entriesBytes + 2 + note.length);
  frame.writeUInt32BE(magic, 0);
  frame.writeUInt32BE(entriesBytes, 4);
  let at = 8;
  for (const entry of entries) {
    at = frame.writeUInt16BE(entry.length, at);
    frame.set(entry, at);
    at += entry.length;
  }
  at = frame.writeUInt16BE(note.length, at);
  frame.set(note, at);
  return frame;
}

function frameText({ origin, size, root }: FrameHead): string {
  return `${noteTitle}\n${origin}\n${size}\n${toBase64(root)}\n`;
}

/**
 * The frame that starts at `start`, or undefined when no whole frame stands there. Verifies nothing. A frame of no entries is never
 * written; what reads as one is the first word of a frame whose rest became zeros when the power was cut.
 */
export function parseFrame(journal: Uint8Array, start: number): Frame | undefined {
  const bytes = Buffer.from(journal.buffer, journal.byteOffset, journal.length);
  if (start + 8 > bytes.length || bytes.readUInt32BE(start) !== magic) return undefined;
  const noteAt = start + 8 + bytes.readUInt32BE(start + 4);
  if (noteAt + 2 > bytes.length) return undefined;
  const end = noteAt + 2 + bytes.readUInt16BE(noteAt);
  if (end > bytes.length) return undefined;
  try {
    const entries = parseBundle(bytes.subarray(start + 8, noteAt));
    return entries.length === 0 ? undefined : { entries, note: bytes.subarray(noteAt + 2, end), end };
  } catch {
    return undefined;
  }
}

/** What a frame's note commits to, when one of the keys signed it; otherwise undefined. */
export function verifyFrameNote(note: Uint8Array, keys: readonly VerifierKey[]): FrameHead | undefined {
  const verdict = verifyNote(note, keys, nativeVerify);
  if (!verdict.ok) return undefined;
  const [title, origin = "", size = "", root = "", end, ...rest] = verdict.text.split("\n");
  if (title !== noteTitle || end !== "" || rest.length > 0 || !/^[1-9]\d{0,15}$/.test(size)) return undefined;
  try {
    const hash = fromBase64(root);
    return hash.length === hashBytes ? { origin, size: Number(size), root: hash } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a frame signed by one of the keys starts anywhere at or behind `from`: then what stands before it was once durable. */
export function hasSignedFrame(journal: Uint8Array, from: number, keys: readonly VerifierKey[]): boolean {
  const bytes = Buffer.from(journal.buffer, journal.byteOffset, journal.length);
  for (let at = bytes.indexOf("MKF1", from, "latin1"); at >= 0; at = bytes.indexOf("MKF1", at + 1, "latin1")) {
    const frame = parseFrame(bytes, at);
    if (frame !== undefined && verifyFrameNote(frame.note, keys) !== undefined) return true;
  }
  return false;
}
