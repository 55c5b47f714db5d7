import type { Caller } from "../access/index.ts";
import type { ServedModel } from "./models/models.ts";
import type { GuardedContract } from "./read/guarded-contract.ts";
import { planRelease, type ReleasePlan } from "./release/plan.ts";
import { releaseFor, type ReleaseRule } from "./release/rule.ts";

/** What one caller sees of one model: the contract with the outputs that may leave, and how they are made. */
export interface Leaving {
  readonly contract: GuardedContract;
  readonly plan: ReleasePlan;
}

/** The same for every request of the same roles to the same version, so worked out once. */
export type LeavingFor = (model: ServedModel, caller: Caller) => Leaving;

/**
 * @throws `gateway/nothing-released` from the returned function
 */
export function createLeaving(rules: readonly ReleaseRule[]): LeavingFor {
  const known = new WeakMap<ServedModel, Map<string, Leaving>>();
  return (model, { roles }) => {
    let byRoles = known.get(model);
    if (byRoles === undefined) known.set(model, (byRoles = new Map()));
    const key = roles.join(" ");
    let leaving = byRoles.get(key);
    if (leaving === undefined) {
      const plan = planRelease(model.contract, releaseFor(rules, { model: model.name, roles }));
      byRoles.set(key, (leaving = { plan, contract: { ...model.contract, outputs: plan.outputs } }));
    }
    return leaving;
  };
}
