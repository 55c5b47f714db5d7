import type { JoinedKey } from "./ledger.ts";
import type { KeyInfo, PrincipalInfo } from "./face.ts";
import type { PrincipalRow } from "../tables.ts";

/** A key as lists show it. The digest stays here. */
export function keyInfo(row: JoinedKey, nowMs: number, lastUsedMs: number | null = row.last_used_ms): KeyInfo {
  return {
    id: row.id,
    principal: row.principal,
    kind: row.kind,
    groups: row.groups,
    role: row.role,
    models: row.models,
    from: row.networks,
    state: stateOf(row, nowMs),
    createdAt: iso(row.created_ms),
    expiresAt: iso(row.expires_ms),
    lastUsedAt: iso(lastUsedMs),
    revokedAt: iso(row.revoked_ms),
    reason: row.revoked_reason,
    replacedBy: row.replaced_by,
  };
}

/** A principal as lists show it. */
export function principalInfo(row: PrincipalRow): PrincipalInfo {
  return { name: row.name, kind: row.kind, groups: row.groups, createdAt: iso(row.created_ms) };
}

function stateOf(row: JoinedKey, nowMs: number): KeyInfo["state"] {
  if (row.revoked_ms !== null) return "revoked";
  if (row.expires_ms !== null && nowMs >= row.expires_ms) return "expired";
  return row.replaced_by === null ? "active" : "replaced";
}

function iso(ms: number): string;
function iso(ms: number | null): string | null;
function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
