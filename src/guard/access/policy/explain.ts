import { ModelkeepError, nearest, quote } from "../../../base/error/index.ts";
import { canonicalAddress, formatAddress, parseNetwork } from "../../../base/net/index.ts";
import type {} from "../errors.ts";
import { callerOf } from "../keys/key-table.ts";
import type { JoinedKey } from "../keys/ledger.ts";
import { networksOf } from "../keys/networks.ts";
import { actions } from "../types.ts";
import type { Action, Resource } from "../types.ts";
import type { Policy, PolicySet } from "./compile.ts";
import { isPossible } from "./decider.ts";
import { ask, placesOf } from "./entities.ts";
import type { PreparedSets, Verdict } from "./evaluate.ts";
import type { ExplainQuestion, Explanation } from "./face.ts";
import { concerns } from "./head.ts";

/**
 * Why one key's request is allowed or denied, by the whole policy set.
 *
 * @throws `access/unknown-action`, `net/bad-address`
 */
export function explainRequest(
  parts: { readonly prepared: PreparedSets; readonly set: PolicySet; readonly nowMs: number },
  key: JoinedKey,
  question: ExplainQuestion,
): Explanation {
  const { prepared, set } = parts;
  const action = checkAction(question.action);
  const address = question.address === undefined ? usualAddress(key) : canonicalAddress(question.address);
  const timeMs = question.timeMs ?? parts.nowMs;
  const caller = callerOf(key, key);
  const resource = resourceOf(question);
  const asked = ask({ caller, action, resource, address, timeMs }, set.groups);
  const unasked = beforePolicies(key, { address, timeMs, resource });
  const verdict = unasked === undefined ? prepared.evaluate(set.policies, `${set.digest}:all`, asked) : nothingAsked;
  const places = placesOf(caller, action, resource, set.groups);
  const concerned = unasked === undefined ? set.policies.filter((policy) => concerns(policy.head, places)) : [];
  const deciding = concerned.filter(({ id }) => verdict.policies.includes(id));
  const undecided = concerned.filter((policy) => !deciding.includes(policy));
  return {
    caller,
    action,
    resource,
    address,
    time: new Date(timeMs).toISOString(),
    decision: { allowed: verdict.allowed, policies: verdict.policies, digest: set.digest, cached: false },
    because: unasked ?? because(verdict, undecided),
    policies: deciding.map(({ text, ...policy }) => ({ id: policy.id, effect: policy.effect, at: placeOf(policy), text })),
    undecided: undecided.map((policy) => ({ id: policy.id, at: placeOf(policy) })),
    errors: verdict.errors,
    entities: asked.entities,
  };
}

const nothingAsked: Verdict = { allowed: false, policies: [], errors: [] };

/** Why the request would be refused before any policy is asked, if it would. */
function beforePolicies(
  key: JoinedKey,
  { address, timeMs, resource }: { readonly address: string; readonly timeMs: number; readonly resource: Resource },
): string | undefined {
  if (key.revoked_ms !== null) return "the key is revoked, so no policy is asked";
  if (key.expires_ms !== null && timeMs >= key.expires_ms) return "the key is expired by then, so no policy is asked";
  if (!networksOf(key.networks).contain(address)) return `the key does not hold from ${address}, so no policy is asked`;
  return isPossible(resource) ? undefined : "no model or version has such a name, so no policy is asked";
}

/** `file:line` of a policy. */
export function placeOf({ file, line }: Pick<Policy, "file" | "line">): string {
  return `${file}:${line}`;
}

/** Loopback where the key holds from there, else the first address that it holds from. */
function usualAddress({ networks }: JoinedKey): string {
  const loopback = "127.0.0.1";
  const [first] = networks ?? [];
  return first === undefined || networksOf(networks).contain(loopback) ? loopback : formatAddress(parseNetwork(first));
}

function because({ allowed, policies, errors }: Verdict, undecided: readonly Policy[]): string {
  if (errors.length > 0) return "a policy broke, and what breaks denies";
  if (allowed) return `permitted by ${policies.join(", ")}`;
  if (policies.length > 0) return `forbidden by ${policies.join(", ")}`;
  const permits = undecided.filter(({ effect }) => effect === "permit");
  if (permits.length === 0) return "no policy permits it";
  return `no policy permits it: the conditions of ${permits.map(({ id }) => id).join(", ")} do not hold`;
}

function resourceOf({ model, version }: ExplainQuestion): Resource {
  if (model === undefined) return { type: "service" };
  return { type: "model", name: model, ...(version === undefined ? {} : { version }) };
}

function checkAction(action: string): Action {
  const known = actions.find((name) => name === action);
  if (known !== undefined) return known;
  const near = nearest(action, actions);
  throw new ModelkeepError("access/unknown-action", {
    message: `there is no action ${quote(action)}`,
    hint: near === undefined ? `the actions are ${actions.join(", ")}` : `did you mean ${quote(near)}?`,
    status: 400,
    exit: 4,
  });
}
