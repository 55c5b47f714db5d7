import type { Action, Caller, Resource } from "../types.ts";
import type { CedarValueJson, Context, EntityJson, TypeAndId } from "./engine.ts";
import { entityKey } from "./head.ts";
import type { Place, RequestPlaces } from "./head.ts";

/** Everything a decision rests on. `timeMs` is milliseconds since the epoch. */
export interface Question {
  readonly caller: Caller;
  readonly action: Action;
  readonly resource: Resource;
  readonly address: string;
  readonly timeMs: number;
}

/** A question in Cedar's words. */
export interface Asked {
  readonly principal: TypeAndId;
  readonly action: TypeAndId;
  readonly resource: TypeAndId;
  readonly context: Context;
  readonly entities: EntityJson[];
}

/** For each action, itself and every action group that it is in, as the schema has it. */
export type ActionGroups = ReadonlyMap<string, ReadonlySet<string>>;

const service: TypeAndId = { type: "Service", id: "modelkeep" };

/** The places that policy scopes are held against. */
export function placesOf(caller: Caller, action: Action, resource: Resource, groups: ActionGroups): RequestPlaces {
  const actions = [...(groups.get(action) ?? [action])].map((id): TypeAndId => ({ type: "Action", id }));
  return {
    principal: place({ type: "Principal", id: caller.principal }, parentsOf(caller)),
    action: place({ type: "Action", id: action }, actions),
    resource: place(...resourceLine(resource)),
  };
}

/** The question as Cedar takes it. */
export function ask({ caller, action, resource, address, timeMs }: Question, groups: ActionGroups): Asked {
  const principal: TypeAndId = { type: "Principal", id: caller.principal };
  const [self, above] = resourceLine(resource);
  const actionParents = [...(groups.get(action) ?? [])].filter((id) => id !== action);
  return {
    principal,
    action: { type: "Action", id: action },
    resource: self,
    context: {
      address: { __extn: { fn: "ip", arg: address } },
      time: { __extn: { fn: "datetime", arg: new Date(timeMs).toISOString() } },
      credential: credentialOf(caller),
    },
    entities: [
      { uid: principal, attrs: principalAttributes(caller), parents: parentsOf(caller) },
      { uid: { type: "Action", id: action }, attrs: {}, parents: actionParents.map((id) => ({ type: "Action", id })) },
      ...resourceEntities(self, above),
    ],
  };
}

function principalAttributes(caller: Caller): Record<string, CedarValueJson> {
  // Without a kind a policy that asks for it errs, and an error denies.
  return { name: caller.principal, ...(caller.principalKind === undefined ? {} : { kind: caller.principalKind }) };
}

function credentialOf(caller: Caller): CedarValueJson {
  const models = caller.models?.map((id): CedarValueJson => ({ __entity: { type: "Model", id } }));
  return { id: caller.credential, kind: caller.kind, ...(models === undefined ? {} : { models }) };
}

function parentsOf(caller: Caller): TypeAndId[] {
  return [...caller.roles.map((id) => ({ type: "Role", id })), ...caller.groups.map((id) => ({ type: "Group", id }))];
}

/** The resource and what it is in, nearest first. */
function resourceLine(resource: Resource): [self: TypeAndId, above: TypeAndId[]] {
  if (resource.type === "service") return [service, []];
  const model: TypeAndId = { type: "Model", id: resource.name };
  if (resource.version === undefined) return [model, [service]];
  return [{ type: "Version", id: `${resource.name}/${resource.version}` }, [model, service]];
}

function resourceEntities(self: TypeAndId, above: readonly TypeAndId[]): EntityJson[] {
  const line = [self, ...above];
  return line.map((uid, index) => ({ uid, attrs: resourceAttributes(uid), parents: line.slice(index + 1, index + 2) }));
}

function resourceAttributes({ type, id }: TypeAndId): Record<string, CedarValueJson> {
  if (type === "Model") return { name: id };
  return type === "Version" ? { version: id.slice(id.indexOf("/") + 1) } : {};
}

function place(self: TypeAndId, above: readonly TypeAndId[]): Place {
  return { type: self.type, self: entityKey(self), within: new Set([self, ...above].map(entityKey)) };
}
