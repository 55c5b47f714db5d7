/**
 * Key strings of signed notes (c2sp.org/signed-note, "Verifier keys"; the signer form is that of Go's `sumdb/note`). One line holds
 * the key's name, a checksum and the key itself, so a damaged or confused key file is noticed before it is used.
 */

import { ModelkeepError, quote } from "../error/index.ts";
import { concatBytes, fromBase64, toBase64, toHex, utf8 } from "./bytes.ts";
import { signingKeyFromSeed } from "./ed25519.ts";
import type { SigningKey } from "./ed25519.ts";
import type {} from "./errors.ts";
import { sha256 } from "./sha256.ts";

/** Signature type byte of Ed25519. */
const ed25519Type = 0x01;

/** A named public key, as an outsider holds it. */
export interface VerifierKey {
  readonly name: string;
  /** First four bytes of SHA-256(name, newline, type, public key), as 8 hex digits. */
  readonly id: string;
  /** 32 bytes, Ed25519. */
  readonly publicKey: Uint8Array;
}

/** A name that a note may carry: not empty, no Unicode space, no plus sign, no control character. */
export function isKeyName(name: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return name.length > 0 && name.isWellFormed() && !/[\s+\u0000-\u001f\u007f\u0085]/u.test(name);
}

/**
 * The verifier key of a name and a public key.
 * @throws `crypto/bad-key` when the name cannot stand in a note
 */
export function verifierKey(name: string, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw badKey(`the key name ${quote(name)} is empty or has a space, a plus or a control character`);
  return { name, publicKey, id: keyId(name, publicKey) };
}

/** `<name>+<id>+<base64 of type and key>`. */
export function formatVerifierKey(key: VerifierKey): string {
  return `${key.name}+${key.id}+${toBase64(concatBytes(Uint8Array.of(ed25519Type), key.publicKey))}`;
}

/**
 * Reads {@link formatVerifierKey}'s form back.
 * @throws `crypto/bad-key` when it is malformed, of another kind, or its checksum differs
 * @example parseVerifierKey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").name // "example.com/foo"
 */
export function parseVerifierKey(text: string): VerifierKey {
  const [name = "", id = "", key = ""] = splitKey(text);
  const publicKey = decodeKey(key);
  const parsed = verifierKey(name, publicKey);
  if (parsed.id !== id) throw badKey(`the checksum of the key ${quote(name)} is ${quote(id)}, its content says ${parsed.id}`);
  return parsed;
}

/** `PRIVATE+KEY+<name>+<id>+<base64 of type and seed>`: a secret; keep it in a file of mode 0600. */
export function formatSignerKey(name: string, seed: Uint8Array): string {
  const { id } = verifierKey(name, signingKeyFromSeed(seed).publicKey);
  return `PRIVATE+KEY+${name}+${id}+${toBase64(concatBytes(Uint8Array.of(ed25519Type), seed))}`;
}

/**
 * Reads {@link formatSignerKey}'s form back. `signingKey` makes a key of a seed: pass the native one on Node.
 * @throws `crypto/bad-key` when it is malformed, of another kind, or its checksum differs
 */
export function parseSignerKey(
  text: string,
  signingKey: (seed: Uint8Array) => SigningKey = signingKeyFromSeed,
): { readonly name: string; readonly key: SigningKey } {
  if (!text.startsWith("PRIVATE+KEY+")) throw badKey("a signer key starts with `PRIVATE+KEY+`");
  const [name = "", id = "", key = ""] = splitKey(text.slice("PRIVATE+KEY+".length));
  const signer = signingKey(decodeKey(key));
  if (verifierKey(name, signer.publicKey).id !== id)
    throw badKey(`the checksum of the signer key ${quote(name)} does not fit its content`);
  return { name, key: signer };
}

/** Base 64 has plus signs too, so only the first two of the line separate. */
function splitKey(text: string): string[] {
  const first = text.indexOf("+");
  const second = text.indexOf("+", first + 1);
  return first < 0 || second < 0 ? [] : [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

function decodeKey(text: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = fromBase64(text);
  } catch (cause) {
    throw badKey("the key material is not base64", cause);
  }
  if (bytes.length !== 33 || bytes[0] !== ed25519Type) throw badKey("the key is not an Ed25519 key");
  return bytes.subarray(1);
}

function keyId(name: string, publicKey: Uint8Array): string {
  return toHex(sha256(concatBytes(utf8(`${name}\n`), Uint8Array.of(ed25519Type), publicKey)).subarray(0, 4));
}

function badKey(message: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("crypto/bad-key", {
    message,
    hint: "copy the key again, whole; a damaged key file must come from its backup",
    cause,
    status: 400,
  });
}
