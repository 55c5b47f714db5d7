/** Rows of this room's tables, as both drivers give them back. */
export interface AccessTables {
  access_principals: PrincipalRow;
  access_keys: KeyRow;
  access_state: { singleton: boolean; revision: number };
}

export interface PrincipalRow {
  name: string;
  kind: "person" | "service";
  groups: string[];
  created_ms: number;
  /** The change that last touched this row; see {@link Ledger}. */
  revision: number;
}

export interface KeyRow {
  id: string;
  principal: string;
  role: string;
  /** `sha256:<hex>` of the whole key. */
  digest: string;
  /** Null: every model that the role reaches. */
  models: string[] | null;
  /** CIDR blocks in canonical form. Null: from anywhere. */
  networks: string[] | null;
  created_ms: number;
  /** What a rotation gives its successor. */
  lifetime_ms: number | null;
  expires_ms: number | null;
  last_used_ms: number | null;
  revoked_ms: number | null;
  revoked_reason: string | null;
  replaced_by: string | null;
  revision: number;
}
