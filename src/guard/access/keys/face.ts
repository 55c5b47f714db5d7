import type { By } from "../types.ts";

export type PrincipalKind = "person" | "service";

/** What `keys create` asks for. */
export interface KeyRequest {
  /** Made when there is none by this name. */
  readonly principal: string;
  /** One of the roles that the policies speak of: `caller`, `operator`, `auditor`, `admin`, or your own. */
  readonly role: string;
  /** Confines the key to these models; without it the key reaches whatever its role reaches. */
  readonly models?: readonly string[];
  /** CIDR blocks that the key holds from; without it, from anywhere. */
  readonly from?: readonly string[];
  readonly expiresInMs?: number;
  /** Adds the principal to these groups. */
  readonly groups?: readonly string[];
  /** `person` for a new principal unless said. */
  readonly kind?: PrincipalKind;
}

/** A key as lists show it. Times are ISO 8601. */
export interface KeyInfo {
  readonly id: string;
  readonly principal: string;
  readonly kind: PrincipalKind;
  readonly groups: readonly string[];
  readonly role: string;
  readonly models: readonly string[] | null;
  readonly from: readonly string[] | null;
  readonly state: "active" | "replaced" | "expired" | "revoked";
  readonly createdAt: string;
  readonly expiresAt: string | null;
  /** To the granularity of `access.keys.lastUsedMs`. */
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  readonly reason: string | null;
  /** The id of the key that a rotation put in its place. */
  readonly replacedBy: string | null;
}

/** A key just made, with the secret: this is the only time it is shown. */
export interface NewKey extends KeyInfo {
  readonly key: string;
}

/** What can be changed about a live key. Null lifts the restriction. */
export interface KeyChange {
  readonly models?: readonly string[] | null;
  readonly from?: readonly string[] | null;
  /** From now on. */
  readonly expiresInMs?: number | null;
}

/** API keys. Each change is in the evidence before it takes effect, and takes effect here before the promise settles. */
export interface Keys {
  /** @throws `access/unknown-role`, `access/bad-name`, `net/bad-network`, `access/bad-lifetime`, `access/principal-differs` */
  create(request: KeyRequest, by: By): Promise<NewKey>;
  /** Newest first, without those that have ended unless asked. */
  list(filter?: { readonly principal?: string; readonly ended?: boolean }): Promise<KeyInfo[]>;
  /** @throws `access/unknown-key` */
  get(id: string): Promise<KeyInfo>;
  /**
   * A new secret for the same rights, with the old one's lifetime from now. The old key ends after `overlapMs`.
   *
   * @throws `access/unknown-key`, `access/key-ended`, `access/key-replaced`, `access/bad-lifetime`
   */
  rotate(id: string, options: { readonly overlapMs?: number }, by: By): Promise<NewKey>;
  /** @throws `access/unknown-key`, `access/key-ended`, `access/last-admin`, and what {@link create} throws */
  change(id: string, change: KeyChange, by: By): Promise<KeyInfo>;
  /**
   * Ends the key at once here, and within `refreshMs` at every other replica. Revoking a revoked key changes nothing.
   *
   * @throws `access/unknown-key`, `access/last-admin`
   */
  revoke(id: string, reason: string, by: By): Promise<KeyInfo>;
}

/** Someone, or something, that holds keys. */
export interface PrincipalInfo {
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly groups: readonly string[];
  readonly createdAt: string;
}

/** Principals come into being with their first key. */
export interface Principals {
  list(): Promise<PrincipalInfo[]>;
  /**
   * Puts the principal into exactly these groups.
   *
   * @throws `access/unknown-principal`, `access/bad-name`, `access/last-admin`
   */
  setGroups(name: string, groups: readonly string[], by: By): Promise<PrincipalInfo>;
}
