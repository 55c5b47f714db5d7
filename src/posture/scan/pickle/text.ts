/** The number and string syntaxes of text opcodes, each as CPython reads it. */

import { Halt } from "./halt.ts";
import type { Dialect } from "./input.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
}

/** UTF-8; with `surrogates` also the three-byte form of a lone surrogate ("surrogatepass"). @throws Halt */
export function decodeUtf8(bytes: Uint8Array, { surrogates = false } = {}): string {
  try {
    return utf8.decode(bytes);
  } catch {
    if (surrogates && bytes.includes(0xed)) return decodeAroundSurrogates(bytes);
    throw new Halt("text is not UTF-8");
  }
}

function decodeAroundSurrogates(bytes: Uint8Array): string {
  let text = "";
  let from = 0;
  for (let at = 0; at + 2 < bytes.length; at++) {
    if (bytes[at] !== 0xed || bytes[at + 1]! < 0xa0 || bytes[at + 1]! > 0xbf || (bytes[at + 2]! & 0xc0) !== 0x80) continue;
    text += decodeUtf8(bytes.subarray(from, at));
    text += String.fromCharCode(0xd000 | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f));
    from = at + 3;
    at += 2;
  }
  return text + decodeUtf8(bytes.subarray(from));
}

export function decodeAscii(bytes: Uint8Array): string {
  for (const byte of bytes) if (byte > 127) throw new Halt("text is not ASCII");
  return latin1(bytes);
}

/** `str(line, "raw-unicode-escape")`. @throws Halt */
export function decodeRawUnicodeEscape(line: Uint8Array): string {
  const text = latin1(line);
  if (!text.includes("\\")) return text;
  return text.replaceAll(/\\(u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[^])/g, (all, kind: string, four?: string, eight?: string) => {
    if (four !== undefined) return String.fromCharCode(Number.parseInt(four, 16));
    if (eight !== undefined) {
      const code = Number.parseInt(eight, 16);
      if (code > 0x10ffff) throw new Halt("an escape is no character");
      return String.fromCodePoint(code);
    }
    if (kind === "u" || kind === "U") throw new Halt("an escape is cut short");
    return all;
  });
}

const escapes: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  b: "\b",
  f: "\f",
  t: "\t",
  n: "\n",
  r: "\r",
  v: "\v",
  a: "\x07",
};

/** `codecs.escape_decode`: the body of a bytes literal, as characters of one byte. @throws Halt */
export function decodeEscapes(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replaceAll(/\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[^]|$)/g, (all, body: string) => {
    if (body === "") throw new Halt("a backslash ends the string");
    if (body.length === 3 && body[0] === "x") return String.fromCharCode(Number.parseInt(body.slice(1), 16));
    if (body === "x") throw new Halt("an escape is cut short");
    if (/^[0-7]/.test(body)) return String.fromCharCode(Number.parseInt(body, 8) & 0xff);
    return escapes[body] ?? all;
  });
}

/** The body of a STRING opcode: in quotes of one kind, escaped. @throws Halt */
export function unquote(line: Uint8Array): string {
  const text = latin1(line);
  const quote = text[0];
  if (text.length < 2 || quote !== text.at(-1) || (quote !== "'" && quote !== '"')) throw new Halt("a string has no quotes");
  return decodeEscapes(text.slice(1, -1));
}

const literal = /^[+-]?(0[xX](_?[0-9a-fA-F])+|0[oO](_?[0-7])+|0[bB](_?[01])+|0(_?0)*|[1-9](_?[0-9])*)$/;
const decimal = /^[+-]?[0-9](_?[0-9])*$/;

/** Longest decimal number that `int()` takes from text since CVE-2020-10735. */
const maxDigits = 4300;

/** `int(text, base)` for base 0 or 10; undefined when it raises ValueError. */
export function parseInteger(text: string, base: 0 | 10): number | bigint | undefined {
  const trimmed = text.replaceAll(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, "");
  if (!(base === 0 ? literal : decimal).test(trimmed)) return undefined;
  const sign = trimmed.startsWith("-") ? -1n : 1n;
  const digits = trimmed.replace(/^[+-]/, "").replaceAll("_", "");
  if (/^[0-9]+$/.test(digits) && digits.length > maxDigits) return undefined;
  const value = sign * BigInt(digits);
  return value >= -0x1fffffffffffffn && value <= 0x1fffffffffffffn ? Number(value) : value;
}

/** INT and its booleans: `00` and `01`. C reads with `strtol` first, which takes leading zeros as octal. @throws Halt */
export function parseIntLine(line: Uint8Array, dialect: Dialect): number | bigint | boolean {
  let text = latin1(line);
  if (text === "00") return false;
  if (text === "01") return true;
  if (dialect !== "python") {
    const quick = strtol(text);
    if (quick !== undefined) return text.length === 2 && (quick === 0 || quick === 1) ? quick === 1 : quick;
    text = text.split("\0")[0]!; // a C string ends at its first NUL
  }
  const value = parseInteger(text, 0);
  if (value !== undefined) return value;
  if (dialect === "either") return 0;
  throw new Halt("a number is none");
}

/** The whole text by C's `strtol(…, 0)` into 64 bits; undefined when it stops before the end or overflows. */
function strtol(text: string): number | undefined {
  const match = /^[ \t\n\r\f\v]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.exec(text);
  if (match === null) return undefined;
  const [, sign, digits] = match as unknown as [string, string, string];
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits) * (sign === "-" ? -1n : 1n);
  return value >= -(2n ** 63n) && value < 2n ** 63n ? Number(value) : undefined;
}

/** LONG: an `L` at the end is allowed. @throws Halt */
export function parseLongLine(line: Uint8Array, dialect: Dialect): number | bigint {
  let text = latin1(line);
  if (text.endsWith("L")) text = text.slice(0, -1);
  if (dialect !== "python") text = text.split("\0")[0]!;
  const value = parseInteger(text, 0);
  if (value !== undefined) return value;
  if (dialect === "either") return 0;
  throw new Halt("a number is none");
}

const cFloat = /^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf(?:inity)?|nan)/i;
const pyFloat =
  /^[+-]?(?:(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?|inf(?:inity)?|nan)$/i;

/** FLOAT, by `PyOS_string_to_double` or by `float()`. @throws Halt */
export function parseFloatLine(line: Uint8Array, dialect: Dialect): number {
  const text = latin1(line);
  const number = (digits: string): number => {
    const plain = digits.replaceAll("_", "").toLowerCase();
    if (plain.includes("inf")) return plain.startsWith("-") ? -Infinity : Infinity;
    return plain.includes("nan") ? Number.NaN : Number(plain);
  };
  if (dialect !== "python") {
    const found = cFloat.exec(text)?.[0];
    const overflows = found !== undefined && !/[in]/i.test(found) && !Number.isFinite(number(found));
    if (found !== undefined && !overflows && (found.length === text.length || text[found.length] === "\0")) return number(found);
    if (dialect === "c") throw new Halt("a number is none");
  }
  const trimmed = text.replaceAll(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, "");
  if (pyFloat.test(trimmed)) return number(trimmed);
  if (dialect === "either") return 0;
  throw new Halt("a number is none");
}

/** A two's complement number of any length, little end first. */
export function decodeLong(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  if (bytes.length > 0 && bytes.at(-1)! > 127) value -= 1n << BigInt(8 * bytes.length);
  return value >= -0x1fffffffffffffn && value <= 0x1fffffffffffffn ? Number(value) : value;
}
