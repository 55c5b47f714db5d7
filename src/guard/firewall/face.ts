import type { Actor } from "../../base/evidence/index.ts";
import type { ForwardingHeaders } from "../../base/net/index.ts";
import type { ErrorCode } from "../../base/error/index.ts";

/** Why a request or connection may not go on. */
export interface Refusal {
  readonly ok: false;
  readonly code: Extract<
    ErrorCode,
    "firewall/blocked" | "firewall/banned" | "firewall/limited" | "firewall/too-many-connections"
  >;
  /** One lower-case line that the client may read; names a limit or a reason, never another client. */
  readonly reason: string;
  /** Whole seconds, rounded up, after which the same may pass: the value of `Retry-After`. Absent when it never will. */
  readonly retryAfterSeconds?: number;
  /** The same, exactly, in milliseconds. */
  readonly retryAfterMs?: number;
}

export type Verdict = { readonly ok: true } | Refusal;

/** Who asks. Without `principal` it is a stranger: someone who has shown no valid credential. */
export interface Who {
  /** As {@link Firewall.clientAddress} gave it. */
  readonly address: string;
  readonly principal?: string | undefined;
  /** The credential's id. With it, a ban for misuse falls on this credential and not on all of the principal's. */
  readonly credential?: string | undefined;
  readonly model?: string | undefined;
}

/** What a request costs, each part when it is known: requests and declared bytes before the body, rows after it, model time after the run. */
export interface Cost {
  readonly requests?: number;
  /** Rows of the batch. */
  readonly rows?: number;
  /** Bytes of request body. */
  readonly bytes?: number;
  /** Milliseconds of model time: this request's share of the batch it ran in. */
  readonly modelMs?: number;
}

/**
 * What counts against a client.
 * - `bad-credential`: a credential that is unknown, expired, revoked or used from a foreign network
 * - `protocol-abuse`: what no honest HTTP client sends: malformed or ambiguous framing, oversized heads, bodies that trickle
 * - `shape-probe`: tensors that do not fit the contract
 * - `forbidden`: something the caller's policies do not allow
 * - `flood`: going on after having been limited; the firewall counts these itself
 */
export type Irregularity = "bad-credential" | "protocol-abuse" | "shape-probe" | "forbidden" | "flood";

/** Whom a ban at an address shuts out: everyone, or only those without a valid credential. See `docs/guide/firewall.md`. */
export type BanScope = "everyone" | "strangers";

/** A ban in force. */
export interface Ban {
  readonly id: string;
  readonly kind: "network" | "principal" | "credential";
  /** A network in CIDR form (one address without its prefix), a principal's name, or a credential's id. */
  readonly target: string;
  readonly scope: BanScope;
  readonly reason: string;
  /** Set by the firewall itself. */
  readonly automatic: boolean;
  /** How often in a row this target was banned automatically, from 1; 0 for a ban set by hand. */
  readonly level: number;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Milliseconds since the epoch; null until it is lifted. */
  readonly untilMs: number | null;
  /** Who set it, when a person did. */
  readonly by?: Actor;
}

/** What to ban, and why. */
export interface BanRequest {
  /** An address or network, a principal or a credential, as `kind` says. */
  readonly target: string;
  readonly kind?: Ban["kind"];
  readonly scope?: BanScope;
  readonly reason: string;
  /** Seconds; without it the ban stands until it is lifted. */
  readonly seconds?: number;
}

export interface Bans {
  /** Bans in force, newest first. */
  list(): Ban[];
  /**
   * Settles when the ban is stored and in the log.
   * @throws `firewall/bad-ban`, `net/bad-network`
   */
  set(request: BanRequest, by: Actor): Promise<Ban>;
  /**
   * Lifts by id, or every ban on a target. What was held against the target before is forgotten with it.
   * @throws `firewall/no-such-ban`
   */
  lift(idOrTarget: string, by: Actor): Promise<Ban[]>;
}

/**
 * Stands before everything else. All checks are synchronous and cost about a microsecond each.
 *
 * The order for a request: `connect` (once for a connection) → `admit` → (authenticate) → on failure `observe("bad-credential")`,
 * whose verdict replaces the 401 when it is a refusal; on success `charge` with requests and declared bytes → (authorize, read)
 * → `charge` with model and rows, deferring requests and bytes → (run) → `settle` with model time.
 */
export interface Firewall {
  /** The client's canonical address behind trusted proxies. `peer` is the socket's. */
  clientAddress(peer: string, headers: ForwardingHeaders): string;
  /** May this address open one more connection? When it may, `release` must be called once it is closed. */
  connect(address: string): Verdict & { release?(): void };
  /** May a request from this address be looked at? */
  admit(address: string): Verdict;
  /**
   * Takes the cost out of every limit that applies, or out of none: the address's and the principal's, and the model's where one is
   * named. A model is named once its use is allowed, or any caller could spend the allowance of a model that is not theirs.
   * `deferred` is what address and principal were charged before that, and what the model's own limits are charged now.
   */
  charge(who: Who, cost: Cost, deferred?: Cost): Verdict;
  /**
   * Charges a question that anybody may ask (health, the OpenAPI document) to its address. Neither the allowance of all strangers
   * together nor a ban on strangers counts: a flood from elsewhere, or a neighbour's bad key, must not make the service look down.
   */
  chargeOpen(address: string): Verdict;
  /** Takes a cost that has already been incurred, into debt if need be. Says also that the request ended well, unless it was `given-up`. */
  settle(who: Who, cost: Cost, ending?: "answered" | "given-up"): void;
  /** Records an irregularity. A refusal says that this client is, now, to be told so instead of what else went wrong. */
  observe(who: Who, event: Irregularity): Verdict;
  readonly bans: Bans;
  /** Writes what is due and, on PostgreSQL, reads what other replicas wrote. Runs by itself every `bans.pollMs`. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
