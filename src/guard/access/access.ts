import { createKeys } from "./keys/keys.ts";
import { KeyTable } from "./keys/key-table.ts";
import { lastAdmin, someAdmin } from "./keys/last-admin.ts";
import type { CanManageKeys } from "./keys/last-admin.ts";
import { Ledger } from "./keys/ledger.ts";
import { createMirror } from "./keys/mirror.ts";
import { createPrincipals } from "./keys/principals.ts";
import { canManageKeys } from "./policy/admin.ts";
import { Decider } from "./policy/decider.ts";
import { loadEngine } from "./policy/engine.ts";
import { PreparedSets } from "./policy/evaluate.ts";
import { createPolicies, loadPolicies, orphanRoles, permitSomeone, policyLoaded } from "./policy/policies.ts";
import type { Access, AccessParts } from "./types.ts";

// Distinct slices are few: one for each sort of caller, action and group of models that policies tell apart.
const preparedPlaces = 512;

/**
 * Keys, principals and policies over one store.
 *
 * @throws `access/policy-invalid`, `access/policy-unreadable`, `access/missing-engine`
 * @throws `access/last-admin` when there are admin keys and the configured policies let none of them manage keys.
 * @example
 * const access = await createAccess({ store, config: accessConfig.parse({}), evidence, clock, random, log, meter });
 * const { key } = await access.keys.create({ principal: "alice", role: "caller", models: ["digits"] }, { principal: "local" });
 * const who = await access.authenticate(`Bearer ${key}`, "127.0.0.1");
 * if (who.ok) access.authorize(who.caller, "infer", { type: "model", name: "digits" }, { address: "127.0.0.1" }).allowed; // true
 */
export async function createAccess(parts: AccessParts): Promise<Access> {
  const { store, config, evidence, clock, random, log, meter, baseDir = process.cwd(), announce = true } = parts;
  const engine = await loadEngine();
  const load = { engine, config: config.policies, baseDir };
  const set = await loadPolicies(load);
  const prepared = new PreparedSets(engine, Buffer.from(random.bytes(8)).toString("hex"), preparedPlaces);
  const decider = new Decider({ prepared, clock, cacheSize: config.decisions.cacheSize, onBroken }, set);
  const can: CanManageKeys = (caller, networks) => canManageKeys(prepared, decider.set, clock.now())(caller, networks);

  const ledger = new Ledger(store, evidence);
  const live = await ledger.list({ liveAtMs: clock.now() });
  if (live.some((key) => key.role === "admin") && !someAdmin(live, can))
    throw lastAdmin("starting with these policies", permitSomeone);
  for (const warning of [...set.warnings, ...orphanRoles(set, live)]) log.warn("policy", { warning });
  if (announce) await evidence.append(policyLoaded(set, undefined));

  const table = new KeyTable(clock, config.keys.lastUsedMs);
  const mirror = await createMirror({ ledger, table, clock, config: config.keys, shared: store.kind === "postgres", log, meter });
  const gauges = [
    meter.gauge("modelkeep_access_keys", () => table.size),
    meter.gauge("modelkeep_access_decisions_cached", () => decider.remembered),
  ];

  function onBroken(entry: Parameters<typeof evidence.append>[0]): void {
    meter.count("modelkeep_access_policy_errors_total");
    log.error("a policy broke, and the request was denied", { policy: entry.subject?.id, ...entry.detail });
    evidence
      .append(entry)
      .catch((cause: unknown) => log.error("evidence of a broken policy was not taken", { error: String(cause) }));
  }

  return {
    authenticate(authorization, address) {
      mirror.assertFresh();
      return table.authenticate(authorization, address);
    },
    authorize: (caller, action, resource, { address }) => decider.authorize(caller, action, resource, address),
    keys: createKeys({ ledger, table, clock, random, config: config.keys, roles: () => decider.set.roles, canManageKeys: can }),
    principals: createPrincipals({ ledger, table, clock, canManageKeys: can }),
    policies: createPolicies({ ...load, decider, prepared, ledger, clock }),
    refresh: () => mirror.refresh(),
    async close() {
      for (const stop of gauges) stop();
      await mirror.close();
      prepared.clear();
    },
  };
}
