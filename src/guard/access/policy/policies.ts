import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type { Evidence } from "../../../base/evidence/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import type { AccessConfig } from "../config.ts";
import type {} from "../errors.ts";
import { lastAdmin, someAdmin } from "../keys/last-admin.ts";
import type { JoinedKey, Ledger } from "../keys/ledger.ts";
import { liveKeys } from "../keys/ledger.ts";
import { unknownKey, unknownPrincipal } from "../keys/unknown.ts";
import { idOf } from "../keys/format.ts";
import type { By } from "../types.ts";
import { canManageKeys } from "./admin.ts";
import type { PolicySet } from "./compile.ts";
import { compilePolicies } from "./compile.ts";
import type { Decider } from "./decider.ts";
import type { Engine } from "./engine.ts";
import type { PreparedSets } from "./evaluate.ts";
import { explainRequest, placeOf } from "./explain.ts";
import type { ExplainQuestion, Policies } from "./face.ts";
import { readPolicyFiles, readSchema } from "./files.ts";
import { permissions } from "./table.ts";

/** What reading policies takes. */
export interface LoadParts {
  readonly engine: Engine;
  readonly config: AccessConfig["policies"];
  readonly baseDir: string;
}

/** What the operations on policies are built from. */
export interface PoliciesParts extends LoadParts {
  readonly decider: Decider;
  readonly prepared: PreparedSets;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

/**
 * The configured policy files, checked.
 *
 * @throws `access/policy-invalid`, `access/policy-unreadable`
 */
export async function loadPolicies({ engine, config, baseDir }: LoadParts): Promise<PolicySet> {
  return compilePolicies(engine, await readSchema(), await readPolicyFiles(config, baseDir));
}

/** The operations on policies; see {@link Policies}. */
export function createPolicies(parts: PoliciesParts): Policies {
  const { decider, prepared, ledger, clock } = parts;
  const asking = () => ({ prepared, set: decider.set, nowMs: clock.now() });

  return {
    get digest() {
      return decider.set.digest;
    },
    get roles() {
      return [...decider.set.roles].sort();
    },
    list: () =>
      decider.set.policies.map((policy) => ({ id: policy.id, effect: policy.effect, at: placeOf(policy), text: policy.text })),

    async test(question) {
      return permissions(asking(), await ledger.list({ liveAtMs: clock.now() }), question);
    },

    async explain(question) {
      const keys = await keysOf(ledger, question, clock.now());
      return keys.map((key) => explainRequest(asking(), key, question));
    },

    async reload(by) {
      const next = await loadPolicies(parts);
      const before = decider.set;
      if (next.digest === before.digest) return { digest: next.digest, changed: false, warnings: next.warnings };
      let orphans: string[] = [];
      // Inside a change, so that no key is revoked between the look at the keys and the exchange.
      await ledger.change(async (trx) => {
        const keys = await liveKeys(trx, clock.now());
        refuseLockOut(parts, { before, next, keys });
        orphans = orphanRoles(next, keys);
        return { evidence: [policyLoaded(next, by, before.digest)] };
      });
      decider.exchange(next);
      return { digest: next.digest, changed: true, warnings: [...next.warnings, ...orphans] };
    },
  };
}

/** The entry that says which policies are in force from here on. */
export function policyLoaded(set: PolicySet, by: By | undefined, replaces?: string): Evidence {
  return {
    kind: "policy.loaded",
    outcome: "done",
    ...(by === undefined ? {} : { actor: by }),
    action: "managePolicies",
    subject: { type: "policy", id: "set", digest: set.digest },
    detail: {
      policies: set.policies.length,
      files: [...new Set(set.policies.map(({ file }) => file))],
      ...(replaces === undefined ? {} : { replaces }),
    },
  };
}

/** One line for each role that live keys have and no policy speaks of: those keys can do nothing. */
export function orphanRoles(set: PolicySet, keys: readonly JoinedKey[]): string[] {
  const counts = new Map<string, number>();
  for (const { role } of keys) if (!set.roles.has(role)) counts.set(role, (counts.get(role) ?? 0) + 1);
  return [...counts]
    .sort()
    .map(([role, count]) => `no policy speaks of the role ${quote(role)} of ${count} live key${count === 1 ? "" : "s"}`);
}

/** What to do about policies that lock everybody out. */
export const permitSomeone =
  'permit Action::"manageKeys" to a principal, group or role that has a live key, or drop the forbid that stops it';

function refuseLockOut(
  { prepared, clock }: PoliciesParts,
  { before, next, keys }: { readonly before: PolicySet; readonly next: PolicySet; readonly keys: readonly JoinedKey[] },
): void {
  const nowMs = clock.now();
  if (!someAdmin(keys, canManageKeys(prepared, before, nowMs))) return;
  if (someAdmin(keys, canManageKeys(prepared, next, nowMs))) return;
  throw lastAdmin("these policies", permitSomeone);
}

async function keysOf(ledger: Ledger, { credential, principal }: ExplainQuestion, nowMs: number): Promise<JoinedKey[]> {
  if (credential !== undefined) {
    const keys = await ledger.list({ id: idOf(credential) });
    if (keys.length === 0) throw unknownKey(credential);
    return keys;
  }
  if (principal === undefined) {
    throw new ModelkeepError("access/unknown-principal", {
      message: "a request comes from someone",
      hint: "name a principal or a key's id",
      status: 400,
      exit: 4,
    });
  }
  const keys = await ledger.list({ principal, liveAtMs: nowMs });
  if (keys.length > 0) return keys;
  const names = (await ledger.principals()).map(({ name }) => name);
  if (!names.includes(principal)) throw unknownPrincipal(principal, names);
  throw new ModelkeepError("access/unknown-key", {
    message: `${quote(principal)} has no live key`,
    hint: "a request comes with a key: make one, or name the id of an ended key",
    status: 404,
  });
}
