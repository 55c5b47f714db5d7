/**
 * JSON with one spelling per value: the JSON Canonicalization Scheme, RFC 8785. Members are sorted by UTF-16 code units,
 * numbers and strings are written as ECMAScript writes them, and nothing else is. Two programs that agree on a value agree
 * on its bytes, so they agree on its hash.
 */

import { ModelkeepError, quote } from "../error/index.ts";
import type {} from "./errors.ts";

// What JSON.stringify would escape, and any surrogate, paired or not: most strings have none and need no second look.
// oxlint-disable-next-line no-control-regex
const special = /["\\\u0000-\u001f\ud800-\udfff]/;

/**
 * The canonical JSON text of a value. Members that are `undefined` are left out, as `JSON.stringify` does.
 * @throws `crypto/not-canonical` for NaN, infinities, lone surrogates (RFC 8785, 3.2.2.2 and 3.2.2.3), cycles, and what JSON has no form for
 * @example canonicalJson({ b: 1, a: [0.1] }) // '{"a":[0.1],"b":1}'
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

/** Deeper than anything we write, shallower than the stack: a cycle ends here. */
const maxDepth = 256;

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return writeString(value);
    case "number":
      // RFC 8785, 3.2.2.3: numbers as ECMAScript's Number.prototype.toString; −0 becomes 0.
      if (!Number.isFinite(value)) throw notCanonical(`the number ${value}`);
      return String(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      if (depth > maxDepth) throw notCanonical("nesting deeper than 256 levels");
      return Array.isArray(value) ? writeArray(value, depth) : writeObject(value, depth);
    default:
      throw notCanonical(`a value of type ${typeof value}`);
  }
}

function writeString(text: string): string {
  if (!special.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw notCanonical(`a lone surrogate in ${quote(text)}`);
  return JSON.stringify(text);
}

function writeArray(items: readonly unknown[], depth: number): string {
  let text = "[";
  for (let i = 0; i < items.length; i++) text += (i === 0 ? "" : ",") + write(items[i], depth + 1);
  return `${text}]`;
}

function writeObject(object: object, depth: number): string {
  const members = object as Record<string, unknown>;
  let text = "{";
  for (const name of sorted(Object.keys(members))) {
    const value = members[name];
    if (value === undefined) continue;
    text += `${text.length === 1 ? "" : ","}${writeString(name)}:${write(value, depth + 1)}`;
  }
  return `${text}}`;
}

/** By UTF-16 code units (RFC 8785, 3.2.3), as both `sort()` and `>` compare. Few names are sorted in their place: sort() allocates. */
function sorted(names: string[]): string[] {
  if (names.length > 16) return names.sort();
  for (let i = 1; i < names.length; i++) {
    const name = names[i]!;
    let at = i;
    for (; at > 0 && names[at - 1]! > name; at--) names[at] = names[at - 1]!;
    names[at] = name;
  }
  return names;
}

function notCanonical(what: string): ModelkeepError {
  return new ModelkeepError("crypto/not-canonical", {
    message: `canonical JSON has no form for ${what}`,
    hint: "send finite numbers and well-formed text",
    status: 400,
  });
}
