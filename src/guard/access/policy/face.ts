import type { Action, By, Caller, Decision, Resource } from "../types.ts";
import type { EntityJson } from "./engine.ts";

/** One line of the table who-may-what. */
export interface Permission {
  readonly principal: string;
  readonly role: string;
  readonly groups: readonly string[];
  /** The models that the credential is confined to, or null. */
  readonly scope: readonly string[] | null;
  /** Ids of the live keys that this line speaks of; none for the line of a role as such. */
  readonly keys: readonly string[];
  readonly action: Action;
  /** A model's name, or `service`. */
  readonly resource: string;
  readonly allowed: boolean;
  /** Ids of the deciding policies. */
  readonly policies: readonly string[];
}

/** What the table is about. */
export interface TestQuestion {
  readonly models: readonly string[];
  /** Every live key's principal by default, and each role as such. */
  readonly principals?: readonly string[];
  /** Every action by default. */
  readonly actions?: readonly Action[];
  /** Canonical form; 127.0.0.1 by default. */
  readonly address?: string;
}

/** One request to explain. */
export interface ExplainQuestion {
  /** A key's id, or the name of a principal, of which each live key is then explained. */
  readonly credential?: string;
  readonly principal?: string;
  readonly action: Action;
  readonly model?: string;
  readonly version?: string;
  /** 127.0.0.1 by default, or the first address that the key holds from. */
  readonly address?: string;
  /** Milliseconds since the epoch; now by default. */
  readonly timeMs?: number;
}

/** Why a request is allowed or denied. */
export interface Explanation {
  readonly caller: Caller;
  readonly action: Action;
  readonly resource: Resource;
  readonly address: string;
  readonly time: string;
  readonly decision: Decision;
  /** One line: what decided, or why no policy was asked: the key is revoked, expired, or does not hold from the address. */
  readonly because: string;
  /** The deciding policies in full. */
  readonly policies: readonly {
    readonly id: string;
    readonly effect: "permit" | "forbid";
    readonly at: string;
    readonly text: string;
  }[];
  /** Policies whose scope fits the request and whose conditions did not hold. */
  readonly undecided: readonly { readonly id: string; readonly at: string }[];
  readonly errors: readonly { readonly policy: string; readonly message: string }[];
  /** The entities that Cedar was given. */
  readonly entities: readonly EntityJson[];
}

/** The policies in force. */
export interface Policies {
  /** `sha256:<hex>` of the set. */
  readonly digest: string;
  /** Roles that the policies speak of. */
  readonly roles: readonly string[];
  list(): readonly { readonly id: string; readonly effect: "permit" | "forbid"; readonly at: string; readonly text: string }[];
  /** Who may do what by the policies. Whether a key holds from the address is not asked here. */
  test(question: TestQuestion): Promise<Permission[]>;
  /**
   * Asks the whole set, unsliced and without cache.
   *
   * @throws `access/unknown-key`, `access/unknown-principal`, `access/unknown-action`, `net/bad-address`
   */
  explain(question: ExplainQuestion): Promise<Explanation[]>;
  /**
   * Reads the files again and puts them in force as a whole, or leaves the old ones in force.
   *
   * @throws `access/policy-invalid`, `access/policy-unreadable`, `access/last-admin`
   */
  reload(by: By): Promise<{ readonly digest: string; readonly changed: boolean; readonly warnings: readonly string[] }>;
}
