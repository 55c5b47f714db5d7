import type { KeyRow } from "../tables.ts";
import { checkLifetime, checkNames, checkSome } from "./check.ts";
import type { KeyChange, KeyInfo, Keys } from "./face.ts";
import { idOf } from "./format.ts";
import type { KeyTable } from "./key-table.ts";
import { refuseLastAdmin } from "./last-admin.ts";
import type { Ledger, Trx } from "./ledger.ts";
import type { ChangedKey, MakeParts, Making } from "./make.ts";
import { makeKey, makeSuccessor } from "./make.ts";
import { checkNetworks } from "./networks.ts";
import { aboutKey, findKey, liveKey, updateKey } from "./rows.ts";
import { keyInfo } from "./show.ts";
import { unknownKey } from "./unknown.ts";

/** What the operations on keys are built from. */
export interface KeysParts extends MakeParts {
  readonly ledger: Ledger;
  readonly table: KeyTable;
}

/** The operations on keys; see {@link Keys}. */
export function createKeys(parts: KeysParts): Keys {
  const { ledger, table, clock, config, canManageKeys } = parts;

  async function commit(work: (trx: Trx, revision: number) => Promise<ChangedKey>): Promise<KeyInfo> {
    const changed = await ledger.change(work);
    table.apply(changed.principals ?? [], changed.keys ?? []);
    return keyInfo(changed.shown, clock.now());
  }
  const make = async ({ key, work }: Making) => ({ ...(await commit(work)), key });

  return {
    create: async (request, by) => await make(makeKey(parts, request, by)),
    rotate: async (id, { overlapMs = config.overlapMs }, by) => await make(makeSuccessor(parts, { id, overlapMs, by })),

    async list({ principal, ended = false } = {}) {
      const nowMs = clock.now();
      const rows = await ledger.list({
        ...(principal === undefined ? {} : { principal }),
        ...(ended ? {} : { liveAtMs: nowMs }),
      });
      return rows.map((row) => keyInfo(row, nowMs, table.lastUse(row.id) ?? row.last_used_ms));
    },

    async get(id) {
      const [row] = await ledger.list({ id: idOf(id) });
      if (row === undefined) throw unknownKey(id);
      return keyInfo(row, clock.now(), table.lastUse(row.id) ?? row.last_used_ms);
    },

    async change(id, wanted, by) {
      const set = columnsOf(wanted, clock.now(), config.maxLifetimeMs);
      return await commit(async (trx, revision) => {
        const nowMs = clock.now();
        const before = await liveKey(trx, id, nowMs);
        const after = await updateKey(trx, before, { ...set, revision });
        const endsSooner = (after.expires_ms ?? Infinity) < (before.expires_ms ?? Infinity);
        const act = endsSooner ? "shortening the life of" : "confining";
        await refuseLastAdmin(trx, { canManageKeys, nowMs }, { before, after: endsSooner ? undefined : after, act });
        return { keys: [after], shown: after, evidence: [aboutKey("key.changed", after, by)] };
      });
    },

    async revoke(id, reason, by) {
      return await commit(async (trx, revision) => {
        const nowMs = clock.now();
        const before = await findKey(trx, id);
        if (before.revoked_ms !== null) return { shown: before, evidence: [] };
        const after = await updateKey(trx, before, { revoked_ms: nowMs, revoked_reason: reason.slice(0, 500), revision });
        await refuseLastAdmin(trx, { canManageKeys, nowMs }, { before, after: undefined, act: "revoking" });
        const evidence = [aboutKey("key.revoked", after, by, { reason: after.revoked_reason })];
        return { keys: [after], shown: after, evidence };
      });
    },
  };
}

function columnsOf({ models, from, expiresInMs }: KeyChange, nowMs: number, max: number | undefined): Partial<KeyRow> {
  const set: Partial<KeyRow> = {};
  if (models !== undefined) set.models = models === null ? null : checkNames("model", checkSome("model", models));
  if (from !== undefined) set.networks = from === null ? null : checkNetworks(checkSome("network", from));
  if (expiresInMs !== undefined) {
    set.lifetime_ms = checkLifetime("a key's lifetime", expiresInMs ?? undefined, { min: 1, max });
    set.expires_ms = set.lifetime_ms === null ? null : nowMs + set.lifetime_ms;
  }
  return set;
}
