import type { Clock, Random } from "../../../base/port/index.ts";
import type { AccessConfig } from "../config.ts";
import type { KeyRow } from "../tables.ts";
import type { By } from "../types.ts";
import { checkLifetime, checkName, checkNames, checkRole, checkSome } from "./check.ts";
import type { KeyRequest } from "./face.ts";
import { keyDigest, newKey } from "./format.ts";
import type { CanManageKeys } from "./last-admin.ts";
import { refuseLastAdmin } from "./last-admin.ts";
import type { Changed, JoinedKey, Trx } from "./ledger.ts";
import { checkNetworks } from "./networks.ts";
import { joinPrincipal } from "./principals.ts";
import { aboutKey, liveKey, updateKey } from "./rows.ts";

/** What making keys takes. */
export interface MakeParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly config: AccessConfig["keys"];
  /** The roles that the policies in force speak of. */
  readonly roles: () => ReadonlySet<string>;
  readonly canManageKeys: CanManageKeys;
}

/** A change to a key, with the key as it is to be shown. */
export interface ChangedKey extends Changed {
  readonly shown: JoinedKey;
}

/** A change that is ready to be run in a transaction, and the secret of the key that it makes. */
export interface Making {
  readonly key: string;
  readonly work: (trx: Trx, revision: number) => Promise<ChangedKey>;
}

const unborn = { last_used_ms: null, revoked_ms: null, revoked_reason: null, replaced_by: null } as const;

/** A new key; everything that can be wrong with the request is said before the transaction. */
export function makeKey(parts: MakeParts, request: KeyRequest, by: By): Making {
  const { clock, config, random, roles, canManageKeys } = parts;
  const nowMs = clock.now();
  const lifetimeMs = checkLifetime("a key's lifetime", request.expiresInMs, { min: 1, max: config.maxLifetimeMs });
  const { id, key } = newKey(random);
  const row: Omit<KeyRow, "revision"> = {
    ...unborn,
    id,
    principal: checkName("principal", request.principal),
    role: checkRole(request.role, roles()),
    digest: digestText(key),
    models: request.models === undefined ? null : checkNames("model", checkSome("model", request.models)),
    networks: request.from === undefined ? null : checkNetworks(checkSome("network", request.from)),
    created_ms: nowMs,
    lifetime_ms: lifetimeMs,
    expires_ms: endOf(nowMs, lifetimeMs),
  };
  return {
    key,
    async work(trx, revision) {
      const { principal, evidence } = await joinPrincipal(trx, { ...request, nowMs, revision, by, canManageKeys });
      const born = { ...row, revision };
      await trx.insertInto("access_keys").values(born).execute();
      const shown = { ...born, kind: principal.kind, groups: principal.groups };
      return { principals: [principal], keys: [born], shown, evidence: [...evidence, aboutKey("key.created", shown, by)] };
    },
  };
}

/** A successor with the same rights; the old key ends after the overlap, or when it would have ended anyway. */
export function makeSuccessor(
  parts: MakeParts,
  order: { readonly id: string; readonly overlapMs: number; readonly by: By },
): Making {
  const { clock, config, random } = parts;
  const overlapMs = checkLifetime("an overlap", order.overlapMs, { min: 0, max: undefined })!;
  const { id, key } = newKey(random);
  return {
    key,
    async work(trx, revision) {
      const nowMs = clock.now();
      const old = await liveKey(trx, order.id, nowMs);
      const lifetimeMs = shorter(old.lifetime_ms, config.maxLifetimeMs);
      const { kind, groups, ...rights } = old;
      const successor: KeyRow = {
        ...rights,
        ...unborn,
        id,
        digest: digestText(key),
        created_ms: nowMs,
        lifetime_ms: lifetimeMs,
        expires_ms: endOf(nowMs, lifetimeMs),
        revision,
      };
      await trx.insertInto("access_keys").values(successor).execute();
      const endsMs = Math.min(nowMs + overlapMs, old.expires_ms ?? Infinity);
      const retired = await updateKey(trx, old, { expires_ms: endsMs, replaced_by: id, revision });
      const shown = { ...successor, kind, groups };
      await refuseLastAdmin(trx, { ...parts, nowMs }, { before: old, after: shown, act: "rotating" });
      const detail = { replaces: old.id, replacedEndsAt: new Date(endsMs).toISOString() };
      return { keys: [retired, successor], shown, evidence: [aboutKey("key.rotated", shown, order.by, detail)] };
    },
  };
}

function endOf(nowMs: number, lifetimeMs: number | null): number | null {
  return lifetimeMs === null ? null : nowMs + lifetimeMs;
}

function shorter(lifetimeMs: number | null, maxMs: number | undefined): number | null {
  return maxMs === undefined ? lifetimeMs : Math.min(lifetimeMs ?? maxMs, maxMs);
}

function digestText(key: string): string {
  return `sha256:${keyDigest(key).toString("hex")}`;
}
