import { timingSafeEqual } from "node:crypto";
import type { Clock } from "../../../base/port/index.ts";
import type { KeyRow, PrincipalRow } from "../tables.ts";
import type { Authentication, Caller, Refusal } from "../types.ts";
import { idOf, keyDigest, keyLength } from "./format.ts";
import { readBearer } from "./header.ts";
import { networksOf } from "./networks.ts";
import type { Networks } from "./networks.ts";

interface Entry {
  readonly row: KeyRow;
  readonly digest: Buffer;
  readonly networks: Networks;
  readonly caller: Caller;
  lastUsedMs: number;
}

const none: Refusal = Object.freeze({ ok: false, code: "access/no-credential" });
const bad: Refusal = Object.freeze({ ok: false, code: "access/bad-credential" });
const expired: Refusal = Object.freeze({ ok: false, code: "access/expired-credential" });
const foreign: Refusal = Object.freeze({ ok: false, code: "access/foreign-network" });

// Hashed and compared in the place of what is missing. No key hashes to zeros, and no key has spaces.
const decoyKey = " ".repeat(keyLength);
const decoyDigest = Buffer.alloc(32);

/**
 * Every key's digest in memory under its id: nothing is fetched and nothing need be remembered of earlier requests, so neither a good key
 * nor a flood of bad ones ever waits for the database, and a revoked key has no cache to survive in.
 * A thousand keys take about 1.4 MB.
 *
 * INVARIANT: whatever is wrong with a key, the same work is done: one hash of one length, one lookup, one constant-time comparison.
 * "Expired" and "foreign network" are said only to someone who has shown the whole secret.
 */
export class KeyTable {
  readonly #entries = new Map<string, Entry>();
  readonly #principals = new Map<string, PrincipalRow>();
  readonly #used = new Map<string, number>();
  readonly #clock: Clock;
  readonly #lastUsedMs: number;

  /** `lastUsedMs` is how coarsely uses are noted. */
  constructor(clock: Clock, lastUsedMs: number) {
    this.#clock = clock;
    this.#lastUsedMs = lastUsedMs;
  }

  get size(): number {
    return this.#entries.size;
  }

  authenticate(header: string | undefined, address: string): Authentication {
    const read = readBearer(header);
    if (read === "none") return none;
    const key = read !== "malformed" && read.token.length === keyLength ? read.token : decoyKey;
    const digest = keyDigest(key);
    const entry = this.#entries.get(idOf(key));
    const same = timingSafeEqual(digest, entry?.digest ?? decoyDigest);
    if (entry === undefined || !same || entry.row.revoked_ms !== null) return bad;
    const nowMs = this.#clock.now();
    if (entry.row.expires_ms !== null && nowMs >= entry.row.expires_ms) return expired;
    if (!entry.networks.contain(address)) return foreign;
    if (nowMs - entry.lastUsedMs >= this.#lastUsedMs) this.#use(entry, nowMs);
    return { ok: true, caller: entry.caller };
  }

  /** Takes rows as they now are. Older revisions of a row that is already known are ignored, so the order of arrival is free. */
  apply(principals: readonly PrincipalRow[], keys: readonly KeyRow[]): void {
    const moved = new Set<string>();
    for (const row of principals) {
      const known = this.#principals.get(row.name);
      if (known !== undefined && known.revision >= row.revision) continue;
      this.#principals.set(row.name, row);
      moved.add(row.name);
    }
    for (const row of keys) this.#put(row);
    if (moved.size === 0) return;
    for (const [id, entry] of this.#entries) {
      if (moved.has(entry.row.principal)) this.#entries.set(id, this.#entry(entry.row));
    }
  }

  /** Forgets keys that ended before then. Until then a revoked key stays, so that an older state of it that arrives late is known as such. */
  prune(beforeMs: number): void {
    for (const [id, { row }] of this.#entries) {
      if ((row.revoked_ms ?? row.expires_ms ?? Infinity) < beforeMs) this.#entries.delete(id);
    }
  }

  /** Uses not yet written down, by key id, in milliseconds since the epoch; they are forgotten here. */
  takeUses(): Map<string, number> {
    const uses = new Map(this.#used);
    this.#used.clear();
    return uses;
  }

  /** Gives back uses that could not be written down. */
  returnUses(uses: ReadonlyMap<string, number>): void {
    for (const [id, atMs] of uses) if (!this.#used.has(id)) this.#used.set(id, atMs);
  }

  /** When the key was last seen here, to the granularity. */
  lastUse(id: string): number | null {
    return this.#used.get(id) ?? null;
  }

  #use(entry: Entry, nowMs: number): void {
    entry.lastUsedMs = nowMs;
    this.#used.set(entry.row.id, nowMs);
  }

  #put(row: KeyRow): void {
    const known = this.#entries.get(row.id);
    if (known !== undefined && known.row.revision > row.revision) return;
    this.#entries.set(row.id, this.#entry(row));
  }

  #entry(row: KeyRow): Entry {
    return {
      row,
      digest: Buffer.from(row.digest.slice("sha256:".length), "hex"),
      networks: networksOf(row.networks),
      caller: callerOf(row, this.#principals.get(row.principal)),
      lastUsedMs: this.#entries.get(row.id)?.lastUsedMs ?? row.last_used_ms ?? 0,
    };
  }
}

/** The caller that a key stands for. */
export function callerOf(row: KeyRow, principal: Pick<PrincipalRow, "groups" | "kind"> | undefined): Caller {
  return Object.freeze({
    principal: row.principal,
    credential: row.id,
    kind: "api-key",
    ...(principal === undefined ? {} : { principalKind: principal.kind }),
    roles: Object.freeze([row.role]),
    groups: Object.freeze((principal?.groups ?? []).toSorted()),
    ...(row.models === null ? {} : { models: Object.freeze(row.models.toSorted()) }),
  });
}
