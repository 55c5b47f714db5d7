/** Signed notes: c2sp.org/signed-note. Text, an empty line, signature lines. */

import {
  concatBytes,
  fromBase64,
  fromHex,
  fromUtf8,
  isKeyName,
  toBase64,
  toHex,
  utf8,
  verifierKey,
  verifyEd25519,
} from "../crypto/index.ts";
import type { SigningKey, VerifierKey, VerifySignature } from "../crypto/index.ts";
import { ModelkeepError } from "../error/index.ts";
import type {} from "./errors.ts";

/** A named key that signs notes. */
export interface NoteSigner extends VerifierKey {
  sign(message: Uint8Array): Uint8Array;
}

/** The signer of notes under a name; for a log the name is its origin. */
export function noteSigner(name: string, key: SigningKey): NoteSigner {
  return { ...verifierKey(name, key.publicKey), sign: (message) => key.sign(message) };
}

export interface NoteSignature {
  readonly name: string;
  /** Key id, 8 hex digits. */
  readonly id: string;
  readonly signature: Uint8Array;
}

export interface Note {
  /** Ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** More than any note needs: the specification asks for at least 16 signatures. */
const maxNoteBytes = 1_000_000;
const maxSignatures = 100;

/** Signs a text, which must end in a newline, with every signer. */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  const message = utf8(text);
  const lines = signers.map(({ name, id, sign }) => `— ${name} ${toBase64(concatBytes(fromHex(id), sign(message)))}\n`);
  return `${text}\n${lines.join("")}`;
}

/**
 * Takes a note apart without verifying anything.
 * @throws `tlog/bad-note` when it is malformed
 */
export function parseNote(note: Uint8Array | string): Note {
  const bytes = typeof note === "string" ? utf8(note) : note;
  if (bytes.length > maxNoteBytes) throw badNote("is longer than 1 MB");
  let whole: string;
  try {
    whole = fromUtf8(bytes);
  } catch (cause) {
    throw badNote("is not UTF-8", cause);
  }
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u0009\u000b-\u001f]/.test(whole)) throw badNote("has a control character");
  const split = whole.lastIndexOf("\n\n");
  if (split < 0 || !whole.endsWith("\n")) throw badNote("is not text, an empty line and signatures, each line ended");
  const lines = whole.slice(split + 2, -1).split("\n");
  if (lines.length > maxSignatures) throw badNote("has more than 100 signatures");
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [dash, name = "", encoded = "", ...rest] = line.split(" ");
  if (dash !== "—" || !isKeyName(name) || rest.length > 0) throw badNote("has a malformed signature line");
  let bytes: Uint8Array;
  try {
    bytes = fromBase64(encoded);
  } catch (cause) {
    throw badNote("has a signature that is not base64", cause);
  }
  if (bytes.length < 5) throw badNote("has a signature without content");
  return { name, id: toHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

export type NoteVerdict =
  | { readonly ok: true; readonly text: string; readonly signedBy: readonly VerifierKey[] }
  | { readonly ok: false; readonly reason: string };

/**
 * Whether at least one of the keys signed the note, and none of them falsely. Signatures by other keys are passed over, as the
 * specification demands: so logs may rotate keys and witnesses may add theirs.
 */
export function verifyNote(
  note: Uint8Array | string,
  keys: readonly VerifierKey[],
  verify: VerifySignature = verifyEd25519,
): NoteVerdict {
  let parsed: Note;
  try {
    parsed = parseNote(note);
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
  const message = utf8(parsed.text);
  const signedBy: VerifierKey[] = [];
  for (const { name, id, signature } of parsed.signatures) {
    const key = keys.find((known) => known.name === name && known.id === id);
    if (key === undefined || signedBy.includes(key)) continue;
    if (!verify(key.publicKey, message, signature))
      return { ok: false, reason: `the signature by ${key.name}+${key.id} does not verify` };
    signedBy.push(key);
  }
  if (signedBy.length > 0) return { ok: true, text: parsed.text, signedBy };
  return { ok: false, reason: "the note is not signed by a known key" };
}

export function badNote(what: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("tlog/bad-note", {
    message: `the note ${what}`,
    hint: "copy it again, byte for byte",
    cause,
    status: 400,
    exit: 4,
  });
}
