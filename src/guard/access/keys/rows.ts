import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type { Evidence } from "../../../base/evidence/index.ts";
import type {} from "../errors.ts";
import type { KeyRow } from "../tables.ts";
import type { By } from "../types.ts";
import { idOf } from "./format.ts";
import type { JoinedKey, Trx } from "./ledger.ts";
import { joinedKeys } from "./ledger.ts";
import { unknownKey } from "./unknown.ts";

/** @throws `access/unknown-key` */
export async function findKey(trx: Trx, id: string): Promise<JoinedKey> {
  // Someone who pastes the whole key means its id; the rest goes no further.
  const row = await joinedKeys(trx).where("k.id", "=", idOf(id)).executeTakeFirst();
  if (row === undefined) throw unknownKey(id);
  return row;
}

/**
 * A key that can still be changed.
 *
 * @throws `access/unknown-key`, `access/key-replaced`, `access/key-ended`
 */
export async function liveKey(trx: Trx, id: string, nowMs: number): Promise<JoinedKey> {
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

/** Writes some columns of a key, and gives the key as it then is. */
export async function updateKey(trx: Trx, before: JoinedKey, set: Partial<KeyRow>): Promise<JoinedKey> {
  await trx.updateTable("access_keys").set(set).where("id", "=", before.id).execute();
  return { ...before, ...set };
}

/** The evidence of a change: what the key may do, never its secret or its digest. */
export function aboutKey(
  kind: string,
  key: JoinedKey,
  by: By,
  detail: { readonly [name: string]: string | null } = {},
): Evidence {
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
