/** Which entries are asked for, and how an entry answers: the same words for the index and for a scan. */

import type { Evidence, EvidenceEntry, EvidenceQuery } from "../../base/evidence/index.ts";

/** {@link EvidenceQuery} and the further columns of the index. */
export interface AuditQuery extends EvidenceQuery {
  readonly credential?: string;
  readonly version?: string;
  readonly code?: string;
  readonly requestId?: string;
}

/** What of an entry can be searched by. */
export interface Columns {
  readonly kind: string;
  readonly principal: string | null;
  readonly credential: string | null;
  readonly model: string | null;
  readonly version: string | null;
  readonly address: string | null;
  readonly outcome: string;
  readonly code: string | null;
  readonly request_id: string | null;
}

export function columnsOf(evidence: Evidence): Columns {
  const { kind, outcome, actor, subject, code, requestId } = evidence;
  const model = subject?.type === "model" ? subject : undefined;
  return {
    kind: storable(kind),
    principal: orNull(actor?.principal),
    credential: orNull(actor?.credential),
    model: orNull(model?.id),
    version: orNull(model?.version),
    address: orNull(actor?.address),
    outcome: storable(outcome),
    code: orNull(code),
    request_id: orNull(requestId),
  };
}

/** The columns that a query fixes, with the values it fixes them to. */
export function fixedColumns(query: AuditQuery): [keyof Columns, string][] {
  const wanted: [keyof Columns, string | undefined][] = [
    ["kind", query.kind],
    ["principal", query.principal],
    ["credential", query.credential],
    ["model", query.model],
    ["version", query.version],
    ["address", query.address],
    ["outcome", query.outcome],
    ["code", query.code],
    ["request_id", query.requestId],
  ];
  return wanted.flatMap(([name, value]) => (value === undefined ? [] : [[name, storable(value)] as [keyof Columns, string]]));
}

/** Whether an entry is asked for; `limit` and `before` are the caller's affair. */
export function matches({ timeMs, evidence }: EvidenceEntry, query: AuditQuery): boolean {
  if (timeMs < (query.fromMs ?? -Infinity) || timeMs > (query.toMs ?? Infinity)) return false;
  const columns = columnsOf(evidence);
  return fixedColumns(query).every(([name, value]) => columns[name] === value);
}

function orNull(text: string | undefined): string | null {
  return text === undefined ? null : storable(text);
}

/** PostgreSQL holds neither NUL nor lone surrogates in text, and an index entry needs no more than 200 characters. */
function storable(text: string): string {
  return text.slice(0, 200).replaceAll("\u0000", "\ufffd").toWellFormed();
}
