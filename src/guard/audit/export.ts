/** Entries as text for other tools. Whatever a client wrote into them stays text there: no terminal, spreadsheet or line-based tool acts on it. */

import type { EvidenceEntry } from "../../base/evidence/index.ts";
import { escapeText } from "../../base/error/index.ts";
import { columnsOf } from "./query.ts";

export type ExportFormat = "jsonl" | "csv";

const columns = [
  "index",
  "time",
  "kind",
  "outcome",
  "principal",
  "credential",
  "address",
  "action",
  "subject_type",
  "subject_id",
  "version",
  "digest",
  "code",
  "request_id",
  "detail",
] as const;

/** Lines, each with its line end. CSV is RFC 4180 with a header. */
export async function* exportEntries(entries: AsyncIterable<EvidenceEntry>, format: ExportFormat): AsyncGenerator<string> {
  if (format === "csv") yield `${columns.join(",")}\r\n`;
  for await (const entry of entries) yield format === "csv" ? csvLine(entry) : `${jsonLine(entry)}\n`;
}

/** The entry as one line of JSON in which every character that a terminal could act on is escaped; it parses to the same entry. */
export function jsonLine(entry: EvidenceEntry): string {
  // escapeText escapes nothing that JSON's own syntax uses, and \uXXXX means the same character inside a JSON string.
  return escapeText(JSON.stringify(entry), Infinity);
}

function csvLine({ index, timeMs, evidence }: EvidenceEntry): string {
  const known = columnsOf(evidence);
  const values: Record<(typeof columns)[number], unknown> = {
    index,
    time: isoTime(timeMs),
    kind: evidence.kind,
    outcome: evidence.outcome,
    principal: evidence.actor?.principal,
    credential: evidence.actor?.credential,
    address: evidence.actor?.address,
    action: evidence.action,
    subject_type: evidence.subject?.type,
    subject_id: evidence.subject?.id,
    version: evidence.subject?.version,
    digest: evidence.subject?.digest,
    code: known.code,
    request_id: known.request_id,
    detail: evidence.detail === undefined ? undefined : JSON.stringify(evidence.detail),
  };
  return `${columns.map((column) => csvField(values[column])).join(",")}\r\n`;
}

/** Quoted, control characters escaped, and an apostrophe before what a spreadsheet would take for a formula (OWASP, CSV injection). */
function csvField(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = escapeText(String(value), Infinity);
  const inert = typeof value === "string" && /^[\s]*[=+\-@|%]/.test(text) ? `'${text}` : text;
  return `"${inert.replaceAll('"', '""')}"`;
}

function isoTime(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? String(timeMs) : date.toISOString();
}
