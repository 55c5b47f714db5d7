import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type { Evidence } from "../../../base/evidence/index.ts";
import type { Clock, Random } from "../../../base/port/index.ts";
import type { AccessConfig } from "../config.ts";
import type {} from "../errors.ts";
import type { KeyRow, PrincipalRow } from "../tables.ts";
import type { By } from "../types.ts";
import { checkLifetime, checkName, checkNames, checkRole, checkSome } from "./check.ts";
import type { KeyInfo, KeyRequest, Keys, NewKey } from "./face.ts";
import { idOf, keyDigest, newKey } from "./format.ts";
import type { KeyTable } from "./key-table.ts";
import type { CanManageKeys } from "./last-admin.ts";
import { lastAdmin, someAdmin } from "./last-admin.ts";
import type { Changed, JoinedKey, Ledger, Trx } from "./ledger.ts";
import { joinedKeys, liveKeys } from "./ledger.ts";
import { checkNetworks } from "./networks.ts";
import { joinPrincipal } from "./principals.ts";
import { keyInfo } from "./show.ts";
import { unknownKey } from "./unknown.ts";

/** What the operations on keys are built from. */
export interface KeysParts {
  readonly ledger: Ledger;
  readonly table: KeyTable;
  readonly clock: Clock;
  readonly random: Random;
  readonly config: AccessConfig["keys"];
  /** The roles that the policies in force speak of. */
  readonly roles: () => ReadonlySet<string>;
  readonly canManageKeys: CanManageKeys;
}

interface ChangedKey extends Changed {
  readonly shown: JoinedKey;
}

/** The operations on keys; see {@link Keys}. */
export function createKeys(parts: KeysParts): Keys {
  const { ledger, table, clock, config } = parts;

  async function commit(work: (trx: Trx, revision: number) => Promise<ChangedKey | undefined>): Promise<KeyInfo | undefined> {
    const changed = await ledger.change(work);
    if (changed === undefined) return undefined;
    table.apply(changed.principals ?? [], changed.keys ?? []);
    return keyInfo(changed.shown, clock.now());
  }

  return {
    create: (request, by) => createKey(parts, request, by, commit),
    rotate: (id, { overlapMs = config.overlapMs }, by) => rotateKey(parts, { id, overlapMs, by }, commit),

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
      const set: Partial<KeyRow> = {};
      if (wanted.models !== undefined)
        set.models = wanted.models === null ? null : checkNames("model", checkSome("model", wanted.models));
      if (wanted.from !== undefined)
        set.networks = wanted.from === null ? null : checkNetworks(checkSome("network", wanted.from));
      if (wanted.expiresInMs !== undefined) {
        set.lifetime_ms = checkLifetime("a key's lifetime", wanted.expiresInMs ?? undefined, {
          min: 1,
          max: config.maxLifetimeMs,
        });
        set.expires_ms = set.lifetime_ms === null ? null : clock.now() + set.lifetime_ms;
      }
      const info = await commit(async (trx, revision) => {
        const before = await liveKey(trx, id, clock.now());
        const after = await update(trx, before, { ...set, revision });
        await refuseLastAdmin(trx, parts, { before, after, act: `changing ${quote(before.id)}` });
        return { keys: [after], shown: after, evidence: [about("key.changed", after, by)] };
      });
      return info!;
    },

    async revoke(id, reason, by) {
      const info = await commit(async (trx, revision) => {
        const before = await findKey(trx, id);
        if (before.revoked_ms !== null) return undefined;
        const after = await update(trx, before, { revoked_ms: clock.now(), revoked_reason: reason.slice(0, 500), revision });
        await refuseLastAdmin(trx, parts, { before, after: undefined, act: `revoking ${quote(before.id)}` });
        return { keys: [after], shown: after, evidence: [about("key.revoked", after, by, { reason: after.revoked_reason })] };
      });
      return info ?? (await this.get(id));
    },
  };
}

type Commit = (work: (trx: Trx, revision: number) => Promise<ChangedKey>) => Promise<KeyInfo | undefined>;

async function createKey(parts: KeysParts, request: KeyRequest, by: By, commit: Commit): Promise<NewKey> {
  const { clock, config, random, roles } = parts;
  const nowMs = clock.now();
  const lifetimeMs = checkLifetime("a key's lifetime", request.expiresInMs, { min: 1, max: config.maxLifetimeMs });
  const { id, key } = newKey(random);
  const row: KeyRow = {
    ...unborn,
    id,
    principal: checkName("principal", request.principal),
    role: checkRole(request.role, roles()),
    digest: digestText(key),
    models: request.models === undefined ? null : checkNames("model", checkSome("model", request.models)),
    networks: request.from === undefined ? null : checkNetworks(checkSome("network", request.from)),
    created_ms: nowMs,
    lifetime_ms: lifetimeMs,
    expires_ms: lifetimeMs === null ? null : nowMs + lifetimeMs,
  };
  const info = await commit(async (trx, revision) => {
    const { principal, evidence } = await joinPrincipal(trx, { ...request, nowMs, revision, by });
    const born = { ...row, revision };
    await trx.insertInto("access_keys").values(born).execute();
    const shown = joined(born, principal);
    return { principals: [principal], keys: [born], shown, evidence: [...evidence, about("key.created", shown, by)] };
  });
  return { ...info!, key };
}

async function rotateKey(parts: KeysParts, order: { id: string; overlapMs: number; by: By }, commit: Commit): Promise<NewKey> {
  const { clock, random } = parts;
  const overlapMs = checkLifetime("an overlap", order.overlapMs, { min: 0, max: undefined })!;
  const { id, key } = newKey(random);
  const info = await commit(async (trx, revision) => {
    const nowMs = clock.now();
    const old = await liveKey(trx, order.id, nowMs);
    const successor: KeyRow = {
      ...unborn,
      id,
      principal: old.principal,
      role: old.role,
      models: old.models,
      networks: old.networks,
      lifetime_ms: old.lifetime_ms,
      digest: digestText(key),
      created_ms: nowMs,
      expires_ms: old.lifetime_ms === null ? null : nowMs + old.lifetime_ms,
      revision,
    };
    await trx.insertInto("access_keys").values(successor).execute();
    const endsMs = Math.min(nowMs + overlapMs, old.expires_ms ?? Infinity);
    const retired = await update(trx, old, { expires_ms: endsMs, replaced_by: id, revision });
    const shown = joined(successor, old);
    const evidence = [
      about("key.rotated", shown, order.by, { replaces: old.id, replacedEndsAt: new Date(endsMs).toISOString() }),
    ];
    return { keys: [retired, successor], shown, evidence };
  });
  return { ...info!, key };
}

const unborn = { last_used_ms: null, revoked_ms: null, revoked_reason: null, replaced_by: null, revision: 0 } as const;

function digestText(key: string): string {
  return `sha256:${keyDigest(key).toString("hex")}`;
}

function joined(row: KeyRow, principal: Pick<PrincipalRow, "kind" | "groups">): JoinedKey {
  return { ...row, kind: principal.kind, groups: principal.groups };
}

async function findKey(trx: Trx, id: string): Promise<JoinedKey> {
  // Someone who pastes the whole key means its id; the rest goes no further.
  const row = await joinedKeys(trx).where("k.id", "=", idOf(id)).executeTakeFirst();
  if (row === undefined) throw unknownKey(id);
  return row;
}

async function liveKey(trx: Trx, id: string, nowMs: number): Promise<JoinedKey> {
  const row = await findKey(trx, id);
  if (row.replaced_by !== null) {
    throw new ModelkeepError("access/key-replaced", {
      message: `${quote(row.id)} was rotated before`,
      hint: `its successor is ${row.replaced_by}`,
      status: 409,
    });
  }
  if (row.revoked_ms !== null || (row.expires_ms !== null && row.expires_ms <= nowMs)) {
    throw new ModelkeepError("access/key-ended", {
      message: `${quote(row.id)} is ${row.revoked_ms === null ? "expired" : "revoked"}`,
      hint: `make a new one: modelkeep keys create --principal ${row.principal} --role ${row.role}`,
      status: 409,
    });
  }
  return row;
}

async function update(trx: Trx, before: JoinedKey, set: Partial<KeyRow>): Promise<JoinedKey> {
  await trx.updateTable("access_keys").set(set).where("id", "=", before.id).execute();
  return { ...before, ...set };
}

/** Refuses a change that takes managing keys from the last key that can, or makes that key end sooner. */
async function refuseLastAdmin(
  trx: Trx,
  parts: KeysParts,
  change: { readonly before: JoinedKey; readonly after: JoinedKey | undefined; readonly act: string },
): Promise<void> {
  const { before, after, act } = change;
  const nowMs = parts.clock.now();
  if (before.revoked_ms !== null || (before.expires_ms !== null && before.expires_ms <= nowMs)) return;
  if (!someAdmin([before], parts.canManageKeys)) return;
  const endsLater = after !== undefined && (after.expires_ms ?? Infinity) >= (before.expires_ms ?? Infinity);
  if (endsLater && someAdmin([after], parts.canManageKeys)) return;
  const others = (await liveKeys(trx, nowMs)).filter((key) => key.id !== before.id);
  if (!someAdmin(others, parts.canManageKeys)) throw lastAdmin(act);
}

/** The evidence of a change: what the key may do, never its secret or its digest. */
function about(kind: string, key: JoinedKey, by: By, detail: { readonly [name: string]: string | null } = {}): Evidence {
  return {
    kind,
    outcome: "done",
    actor: by,
    action: "manageKeys",
    subject: { type: "key", id: key.id },
    detail: {
      principal: key.principal,
      role: key.role,
      models: key.models,
      from: key.networks,
      expiresAt: key.expires_ms === null ? null : new Date(key.expires_ms).toISOString(),
      ...detail,
    },
  };
}
