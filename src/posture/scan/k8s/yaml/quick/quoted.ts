import { apostrophe, decline } from "./reading.ts";
import type { QuickReading } from "./reading.ts";

/** The text of a quoted scalar at `at`, which is left behind its closing quote; one over several lines is declined. */
export function readQuoted(reading: QuickReading): string {
  return reading.text.charCodeAt(reading.at) === apostrophe ? singleQuoted(reading) : doubleQuoted(reading);
}

function singleQuoted(reading: QuickReading): string {
  const { text, at } = reading;
  let end = text.indexOf("'", at + 1);
  let doubled = false;
  while (end >= 0 && text.charCodeAt(end + 1) === apostrophe) {
    doubled = true;
    end = text.indexOf("'", end + 2);
  }
  const inner = between(reading, end);
  return doubled ? inner.replaceAll("''", "'") : inner;
}

function doubleQuoted(reading: QuickReading): string {
  const { text, at } = reading;
  let end = text.indexOf('"', at + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  const inner = between(reading, end);
  return inner.includes("\\") ? unescape(inner) : inner;
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text[before - 1] === "\\") before--;
  return (at - before) % 2 === 1;
}

function between(reading: QuickReading, end: number): string {
  if (end < 0) decline();
  const inner = reading.text.slice(reading.at + 1, end);
  if (inner.includes("\n")) decline();
  reading.at = end + 1;
  return inner;
}

/** The escapes that JSON has too (RFC 8259, section 7); others are rare enough to be declined. */
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

function unescape(inner: string): string {
  return inner.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.?))/gs, (_, hex: string | undefined, letter: string | undefined) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return escapes[letter ?? ""] ?? decline();
  });
}
