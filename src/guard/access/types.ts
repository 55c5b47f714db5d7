import type { Actor, EvidenceSink } from "../../base/evidence/index.ts";
import type { Logger, Meter } from "../../base/log/index.ts";
import type { Clock, Random } from "../../base/port/index.ts";
import type { Store } from "../../base/store/index.ts";
import type { AccessConfig } from "./config.ts";
import type { Keys, PrincipalKind } from "./keys/face.ts";
import type { Policies } from "./policy/face.ts";
import type { Principals } from "./keys/face.ts";

/** Who stands behind a good credential, and what the credential carries. Frozen; replaced as a whole when anything in it changes. */
export interface Caller {
  readonly principal: string;
  /** The credential's id, which is no secret. */
  readonly credential: string;
  readonly kind: "api-key";
  readonly principalKind?: PrincipalKind;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  /** The models that the credential is confined to; absent when it reaches whatever its role reaches. */
  readonly models?: readonly string[];
}

/** Why a request has no caller. The code is all that a client may learn. */
export interface Refusal {
  readonly ok: false;
  readonly code: "access/no-credential" | "access/bad-credential" | "access/expired-credential" | "access/foreign-network";
}

export type Authentication = { readonly ok: true; readonly caller: Caller } | Refusal;

/** Every act that a policy can allow, in the words of `schema.cedarschema`. */
export const actions = [
  "infer",
  "readMetadata",
  "readServer",
  "readMetrics",
  "readConfig",
  "readAudit",
  "readBans",
  "readKeys",
  "readPolicies",
  "manageModels",
  "manageBans",
  "manageKeys",
  "managePolicies",
  "manageConfig",
] as const;

export type Action = (typeof actions)[number];

/** What is acted on: a model, one version of it, or the service itself. */
export type Resource =
  | { readonly type: "model"; readonly name: string; readonly version?: string }
  | { readonly type: "service" };

/** The answer to "may they": its shape is the same for a model that exists and one that does not. */
export interface Decision {
  readonly allowed: boolean;
  /** Ids of the policies that decided: the permits of an allowed request, the forbids of a denied one; none when no permit matched. */
  readonly policies: readonly string[];
  /** `sha256:<hex>` of the policy set that was asked. */
  readonly digest: string;
  readonly cached: boolean;
  /** Present when a policy broke, which denies: the ids of those that did. */
  readonly errors?: readonly string[];
}

/** Credentials, principals and policies of one service. */
export interface Access {
  /**
   * Who sent this `Authorization` header, from this address (canonical form). Answers at once: every key's digest is in memory.
   *
   * @throws `access/stale` (503) when changes by other replicas could not be read for `maxStalenessMs`.
   */
  authenticate(authorization: string | undefined, address: string): Authentication | Promise<Authentication>;
  /** Whether the caller may do this to that; denied unless a policy permits it, and on any error. Never throws. */
  authorize(caller: Caller, action: Action, resource: Resource, context: { readonly address: string }): Decision;
  readonly keys: Keys;
  readonly principals: Principals;
  readonly policies: Policies;
  /** Reads what other replicas changed, now instead of within `refreshMs`. */
  refresh(): Promise<void>;
  /** Writes the last uses down and frees the policies. */
  close(): Promise<void>;
}

/** What {@link Access} is built from. The store must have {@link accessMigrations} applied. */
export interface AccessParts {
  readonly store: Store;
  readonly config: AccessConfig;
  /**
   * INVARIANT: `append` must not wait for a query on `store`. Changes to keys append inside their transaction, so that no key
   * works before its evidence is durable, and the embedded store has one connection.
   */
  readonly evidence: EvidenceSink;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly meter: Meter;
  /** False: start without an entry `policy.loaded`, as a command does that only looks. True by default. */
  readonly announce?: boolean;
  /** Folder that relative policy paths start from; the current folder by default. */
  readonly baseDir?: string;
}

/** Who ordered a change, for its evidence entry. */
export type By = Actor;
