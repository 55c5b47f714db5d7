import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";
import type { PrincipalRow } from "../tables.ts";
import type { Caller } from "../types.ts";
import { callerOf } from "./key-table.ts";
import type { JoinedKey, Trx } from "./ledger.ts";
import { liveKeys } from "./ledger.ts";

/** Whether a policy set lets this caller manage keys, from some address that the key holds from. */
export type CanManageKeys = (caller: Caller, networks: readonly string[] | null) => boolean;

/** Whether any of these live keys can manage keys. A key that a rotation has replaced is on its way out and does not count. */
export function someAdmin(keys: readonly JoinedKey[], can: CanManageKeys): boolean {
  return keys.some((key) => key.replaced_by === null && can(callerOf(key, key), key.networks));
}

/** Refuses a change to a key (undefined: it ends) that takes managing keys from the last one who can. */
export async function refuseLastAdmin(
  trx: Trx,
  { canManageKeys, nowMs }: { readonly canManageKeys: CanManageKeys; readonly nowMs: number },
  { before, after, act }: { readonly before: JoinedKey; readonly after: JoinedKey | undefined; readonly act: string },
): Promise<void> {
  if (before.revoked_ms !== null || (before.expires_ms !== null && before.expires_ms <= nowMs)) return;
  if (!someAdmin([before], canManageKeys)) return;
  if (after !== undefined && someAdmin([after], canManageKeys)) return;
  const others = (await liveKeys(trx, nowMs)).filter((key) => key.id !== before.id);
  if (!someAdmin(others, canManageKeys)) throw lastAdmin(`${act} ${quote(before.id)}`);
}

/** The same for a principal's groups, which can carry the right, or a forbid. Called when the change is made, before it is committed. */
export async function refuseLastAdminGroups(
  trx: Trx,
  { canManageKeys, nowMs }: { readonly canManageKeys: CanManageKeys; readonly nowMs: number },
  { name, groups }: Pick<PrincipalRow, "name" | "groups">,
): Promise<void> {
  const after = await liveKeys(trx, nowMs);
  const before = after.map((key) => (key.principal === name ? { ...key, groups } : key));
  if (someAdmin(before, canManageKeys) && !someAdmin(after, canManageKeys)) throw lastAdmin(`these groups for ${quote(name)}`);
}

/** What is thrown instead of a change after which nobody could manage keys. */
export function lastAdmin(
  act: string,
  hint = "make another admin key first: modelkeep keys create --principal NAME --role admin",
): ModelkeepError {
  return new ModelkeepError("access/last-admin", {
    message: `${act} would leave nobody who can manage keys`,
    hint,
    status: 409,
    exit: 1,
  });
}
