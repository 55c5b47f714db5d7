/** Bytes as text and back. Every decoder takes exactly one spelling of each value: a flipped bit never decodes to the same bytes. */

import { ModelkeepError } from "../error/index.ts";
import type {} from "./errors.ts";

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text's UTF-8 bytes. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * The text behind UTF-8 bytes; a byte-order mark stays a character.
 * @throws `crypto/bad-encoding` when the bytes are not UTF-8
 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch (cause) {
    throw badEncoding("UTF-8", cause);
  }
}

/** One array holding all parts, in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Whether two arrays hold the same bytes, in time that depends on their lengths alone. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += hexPairs[byte]!;
  return text;
}

/** @throws `crypto/bad-encoding` unless the text is pairs of lower-case hexadecimal digits */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) throw badEncoding("lower-case hexadecimal");
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

const standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const urlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const standardValues = valuesOf(standard);
const urlSafeValues = valuesOf(urlSafe);

/** Base 64 with padding (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  const text = encode64(bytes, standard);
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

/** @throws `crypto/bad-encoding` unless the text is padded base 64 in canonical form (RFC 4648, sections 3.5 and 4) */
export function fromBase64(text: string): Uint8Array {
  const unpadded = /^([^=]*)={0,2}$/.exec(text)?.[1];
  if (unpadded === undefined || text.length % 4 !== 0) throw badEncoding("base64");
  return decode64(unpadded, standardValues, "base64");
}

/** Base 64 with the URL-safe alphabet and without padding (RFC 4648, section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  return encode64(bytes, urlSafe);
}

/** @throws `crypto/bad-encoding` unless the text is unpadded base64url in canonical form */
export function fromBase64Url(text: string): Uint8Array {
  return decode64(text, urlSafeValues, "base64url");
}

function encode64(bytes: Uint8Array, alphabet: string): string {
  let text = "";
  let held = 0;
  let heldBits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    heldBits += 8;
    while (heldBits >= 6) {
      heldBits -= 6;
      text += alphabet[(held >> heldBits) & 63]!;
    }
  }
  return heldBits === 0 ? text : text + alphabet[(held << (6 - heldBits)) & 63]!;
}

function decode64(text: string, values: Int8Array, name: string): Uint8Array {
  if (text.length % 4 === 1) throw badEncoding(name);
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let held = 0;
  let heldBits = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const value = values[text.charCodeAt(i)] ?? -1;
    if (value < 0) throw badEncoding(name);
    held = ((held << 6) | value) & 0xffff;
    heldBits += 6;
    if (heldBits < 8) continue;
    heldBits -= 8;
    out[at++] = held >> heldBits;
  }
  // Bits that no byte needs must be zero: otherwise several texts would mean the same bytes.
  if ((held & ((1 << heldBits) - 1)) !== 0) throw badEncoding(name);
  return out;
}

function valuesOf(alphabet: string): Int8Array {
  const values = new Int8Array(128).fill(-1);
  for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i;
  return values;
}

function badEncoding(name: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("crypto/bad-encoding", {
    message: `text is not ${name} in canonical form`,
    hint: "copy the value again, whole and unchanged",
    cause,
    status: 400,
    exit: 4,
  });
}
