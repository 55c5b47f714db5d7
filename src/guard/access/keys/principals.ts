import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type { Evidence } from "../../../base/evidence/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import type {} from "../errors.ts";
import type { PrincipalRow } from "../tables.ts";
import type { By } from "../types.ts";
import { checkNames } from "./check.ts";
import type { PrincipalKind, Principals } from "./face.ts";
import type { KeyTable } from "./key-table.ts";
import type { CanManageKeys } from "./last-admin.ts";
import { refuseLastAdminGroups } from "./last-admin.ts";
import type { Ledger, Trx } from "./ledger.ts";
import { principalInfo } from "./show.ts";
import { unknownPrincipal } from "./unknown.ts";

/** What the operations on principals are built from. */
export interface PrincipalsParts {
  readonly ledger: Ledger;
  readonly table: KeyTable;
  readonly clock: Clock;
  readonly canManageKeys: CanManageKeys;
}

/** The operations on principals; see {@link Principals}. */
export function createPrincipals({ ledger, table, clock, canManageKeys }: PrincipalsParts): Principals {
  return {
    list: async () => (await ledger.principals()).map(principalInfo),

    async setGroups(name, wanted, by) {
      const groups = checkNames("group", wanted);
      const changed = await ledger.change(async (trx, revision) => {
        const before = await findPrincipal(trx, name);
        const after = { ...before, groups, revision };
        await trx.updateTable("access_principals").set({ groups, revision }).where("name", "=", name).execute();
        await refuseLastAdminGroups(trx, { canManageKeys, nowMs: clock.now() }, before);
        return { principals: [after], evidence: [aboutGroups(after, before.groups, by)], after };
      });
      table.apply([changed.after], []);
      return principalInfo(changed.after);
    },
  };
}

/** What a new key says of its principal. */
export interface Joining {
  readonly principal: string;
  readonly kind?: PrincipalKind;
  readonly groups?: readonly string[];
  readonly nowMs: number;
  readonly revision: number;
  readonly by: By;
  readonly canManageKeys: CanManageKeys;
}

/**
 * The principal that a new key is for: made when there is none, put into further groups when the key names some.
 *
 * @throws `access/principal-differs`, `access/bad-name`, `access/last-admin`
 */
export async function joinPrincipal(trx: Trx, joining: Joining): Promise<{ principal: PrincipalRow; evidence: Evidence[] }> {
  const { principal: name, kind, nowMs, revision, by } = joining;
  const groups = checkNames("group", joining.groups ?? []);
  const known = await trx.selectFrom("access_principals").selectAll().where("name", "=", name).executeTakeFirst();
  if (known === undefined) {
    const born: PrincipalRow = { name, kind: kind ?? "person", groups, created_ms: nowMs, revision };
    await trx.insertInto("access_principals").values(born).execute();
    return { principal: born, evidence: [aboutGroups(born, undefined, by)] };
  }
  if (kind !== undefined && kind !== known.kind) {
    throw new ModelkeepError("access/principal-differs", {
      message: `${quote(name)} is a ${known.kind}, not a ${kind}`,
      hint: "leave the kind out, or give the other one its own name",
      status: 409,
      exit: 4,
    });
  }
  const union = [...new Set([...known.groups, ...groups])].sort();
  if (union.length === known.groups.length) return { principal: known, evidence: [] };
  const joined = { ...known, groups: union, revision };
  await trx.updateTable("access_principals").set({ groups: union, revision }).where("name", "=", name).execute();
  await refuseLastAdminGroups(trx, joining, known);
  return { principal: joined, evidence: [aboutGroups(joined, known.groups, by)] };
}

async function findPrincipal(trx: Trx, name: string): Promise<PrincipalRow> {
  const row = await trx.selectFrom("access_principals").selectAll().where("name", "=", name).executeTakeFirst();
  if (row !== undefined) return row;
  const names = await trx.selectFrom("access_principals").select("name").limit(10_000).execute();
  throw unknownPrincipal(
    name,
    names.map((known) => known.name),
  );
}

function aboutGroups(principal: PrincipalRow, before: readonly string[] | undefined, by: By): Evidence {
  return {
    kind: before === undefined ? "principal.created" : "principal.changed",
    outcome: "done",
    actor: by,
    action: "manageKeys",
    subject: { type: "principal", id: principal.name },
    detail: { kind: principal.kind, groups: principal.groups, ...(before === undefined ? {} : { groupsBefore: before }) },
  };
}
