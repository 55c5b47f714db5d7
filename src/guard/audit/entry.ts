/** One entry of the log as bytes: canonical JSON, so that whoever holds the evidence can make the same bytes and the same leaf hash. */

import { canonicalJson, digestOf, nativeSha256, utf8 } from "../../base/crypto/index.node.ts";
import type { Evidence, EvidenceEntry, Json } from "../../base/evidence/index.ts";
import { isModelkeepError } from "../../base/error/index.ts";
import { maxEntryBytes } from "../../base/tlog/index.ts";

/** Stands in every entry; another layout gets another name. */
const format = "modelkeep.audit/1";

export interface EncodedEntry {
  readonly bytes: Uint8Array;
  /** RFC 6962 leaf hash. */
  readonly leaf: Uint8Array;
}

/** Encodes and hashes an entry. Takes any evidence: what canonical JSON cannot hold is replaced, what is too long is cut, and both are visible. */
export function encodeEntry(evidence: Evidence, timeMs: number): EncodedEntry {
  let text = entryText(evidence, timeMs);
  // A character is at most three bytes of UTF-8 per UTF-16 unit, so short texts need no count.
  if (tooLong(text)) text = entryText(shorten(evidence), timeMs);
  if (tooLong(text)) text = entryText(bareBones(evidence), timeMs);
  // One allocation holds the leaf prefix 0 and the entry, so that hashing copies nothing.
  const prefixed = Buffer.allocUnsafe(1 + Buffer.byteLength(text));
  prefixed[0] = 0;
  prefixed.write(text, 1, "utf8");
  return { bytes: prefixed.subarray(1), leaf: nativeSha256(prefixed) };
}

function tooLong(text: string): boolean {
  return text.length * 3 > maxEntryBytes && Buffer.byteLength(text) > maxEntryBytes;
}

function entryText(evidence: Evidence, timeMs: number): string {
  return `{"evidence":${canonicalOrRepaired(evidence)},"format":"${format}","timeMs":${timeMs}}`;
}

function canonicalOrRepaired(evidence: Evidence): string {
  try {
    return canonicalJson(evidence);
  } catch (error) {
    if (!isModelkeepError(error)) throw error;
    return canonicalJson(repaired(evidence, 0));
  }
}

/** The value with each part that JSON cannot hold named as text: an entry is never lost for a client's odd string or a NaN. */
function repaired(value: unknown, depth: number): unknown {
  if (depth > 32) return "[too deep]";
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map((item) => repaired(item ?? null, depth + 1));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toWellFormed(), repaired(member, depth + 1)]));
  }
  return value === null || value === undefined || typeof value === "boolean" ? value : String(value);
}

/** Evidence too long for an entry, with its detail replaced by its digest and every text cut to 500 characters. */
function shorten(evidence: Evidence): Evidence {
  const { detail: _, ...rest } = evidence;
  return { ...(cut(rest as unknown as Json) as unknown as Evidence), detail: digestOnly(evidence) };
}

/** What is left when even that is too long: twenty texts of 500 characters, each of three bytes, in every member. */
function bareBones(evidence: Evidence): Evidence {
  return { kind: evidence.kind.slice(0, 200), outcome: evidence.outcome, detail: digestOnly(evidence) };
}

function digestOnly(evidence: Evidence): { readonly shortened: { readonly sizeBytes: number; readonly digest: string } } {
  const whole = utf8(canonicalOrRepaired(evidence));
  return { shortened: { sizeBytes: whole.length, digest: digestOf(whole, nativeSha256) } };
}

function cut(value: Json): Json {
  if (typeof value === "string") return value.length > 500 ? `${value.slice(0, 500)}…` : value;
  if (Array.isArray(value)) return value.slice(0, 20).map(cut);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value as { readonly [key: string]: Json }).slice(0, 20);
  return Object.fromEntries(members.map(([name, member]) => [name.slice(0, 100), member === undefined ? null : cut(member)]));
}

/** The entry behind its bytes, or undefined when they are not an entry of this format. */
export function decodeEntry(bytes: Uint8Array, index: number): EvidenceEntry | undefined {
  try {
    const parsed = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8")) as {
      evidence?: Evidence;
      format?: string;
      timeMs?: number;
    };
    const { evidence, timeMs } = parsed;
    const known = parsed.format === format && typeof timeMs === "number" && typeof evidence?.kind === "string";
    return known ? { index, timeMs, evidence } : undefined;
  } catch {
    return undefined;
  }
}
