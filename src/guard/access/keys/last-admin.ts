import { ModelkeepError } from "../../../base/error/index.ts";
import type {} from "../errors.ts";
import type { Caller } from "../types.ts";
import { callerOf } from "./key-table.ts";
import type { JoinedKey } from "./ledger.ts";

/** Whether a policy set lets this caller manage keys, from some address that the key holds from. */
export type CanManageKeys = (caller: Caller, networks: readonly string[] | null) => boolean;

/** Whether any of these live keys can manage keys. A key that a rotation has replaced is on its way out and does not count. */
export function someAdmin(keys: readonly JoinedKey[], can: CanManageKeys): boolean {
  return keys.some((key) => key.replaced_by === null && can(callerOf(key, key), key.networks));
}

/** What is thrown instead of a change after which nobody could manage keys. */
export function lastAdmin(act: string): ModelkeepError {
  return new ModelkeepError("access/last-admin", {
    message: `${act} would leave nobody who can manage keys`,
    hint: "make another admin key first: modelkeep keys create --principal NAME --role admin",
    status: 409,
  });
}
