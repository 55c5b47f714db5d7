import type { JoinedKey } from "../keys/ledger.ts";
import { callerOf } from "../keys/key-table.ts";
import { actions } from "../types.ts";
import type { Action, Caller, Resource } from "../types.ts";
import type { PolicySet } from "./compile.ts";
import { evaluate } from "./decider.ts";
import { placesOf } from "./entities.ts";
import type { PreparedSets } from "./evaluate.ts";
import type { Permission, TestQuestion } from "./face.ts";
import { sliceOf } from "./slices.ts";

const onModels: ReadonlySet<Action> = new Set(["infer", "readMetadata", "manageModels"]);
const onModelsOnly: ReadonlySet<Action> = new Set(["infer", "readMetadata"]);

interface Subject {
  readonly caller: Caller;
  readonly keys: readonly string[];
}

/** Who may do what: one line for each subject, action and resource. */
export function permissions(
  parts: { readonly prepared: PreparedSets; readonly set: PolicySet; readonly nowMs: number },
  keys: readonly JoinedKey[],
  question: TestQuestion,
): Permission[] {
  const { prepared, set, nowMs: timeMs } = parts;
  const { models, principals, actions: wanted = actions, address = "127.0.0.1" } = question;
  const subjects = [...(principals === undefined ? roleSubjects(set) : []), ...keySubjects(keys, principals)];
  return subjects.flatMap(({ caller, keys }) =>
    wanted.flatMap((action) =>
      resourcesOf(action, models).map((resource): Permission => {
        const slice = sliceOf(set, placesOf(caller, action, resource, set.groups));
        const { allowed, policies } = evaluate(prepared, set, slice, { caller, action, resource, address, timeMs });
        return {
          principal: caller.principal,
          role: caller.roles.join(","),
          groups: caller.groups,
          scope: caller.models ?? null,
          keys,
          action,
          resource: resource.type === "model" ? resource.name : "service",
          allowed,
          policies,
        };
      }),
    ),
  );
}

function resourcesOf(action: Action, models: readonly string[]): Resource[] {
  const named = onModels.has(action) ? models.map((name): Resource => ({ type: "model", name })) : [];
  return onModelsOnly.has(action) ? named : [...named, { type: "service" }];
}

/** Anyone with a key of the role, in no group: what the roles mean before there are keys. */
function roleSubjects(set: PolicySet): Subject[] {
  return [...set.roles].sort().map((role) => ({
    keys: [],
    caller: { principal: "*", credential: "*", kind: "api-key", principalKind: "person", roles: [role], groups: [] },
  }));
}

/** Keys that no policy can tell apart share a line. */
function keySubjects(keys: readonly JoinedKey[], principals: readonly string[] | undefined): Subject[] {
  const alike = new Map<string, { caller: Caller; keys: string[] }>();
  for (const key of keys) {
    if (principals !== undefined && !principals.includes(key.principal)) continue;
    const caller = callerOf(key, key);
    const sort = JSON.stringify([caller.principal, caller.roles, caller.groups, caller.models]);
    const subject = alike.get(sort);
    if (subject === undefined) alike.set(sort, { caller, keys: [key.id] });
    else subject.keys.push(key.id);
  }
  return [...alike.values()].sort((a, b) => (a.caller.principal < b.caller.principal ? -1 : 1));
}
