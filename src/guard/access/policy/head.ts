import type { PolicyJson, TypeAndId } from "./engine.ts";

/** An entity as a map key. Types have no quotes in them, so no two entities share one. */
export type EntityKey = string;

export function entityKey({ type, id }: TypeAndId): EntityKey {
  return `${type}::"${id}"`;
}

/** What an entity is, and everything it is in, itself among it. */
export interface Place {
  readonly type: string;
  readonly self: EntityKey;
  readonly within: ReadonlySet<EntityKey>;
}

/** The three entities of a request. */
export interface RequestPlaces {
  readonly principal: Place;
  readonly action: Place;
  readonly resource: Place;
}

type Fits = (place: Place) => boolean;

/** A policy's scope: what stands in its parentheses. */
export interface Head {
  readonly principal: Fits;
  readonly action: Fits;
  readonly resource: Fits;
}

/**
 * Reads the scope of a policy.
 *
 * INVARIANT (slicing is sound): Cedar evaluates the scope before the conditions and stops when it does not hold, so a policy whose
 * scope fails can neither decide nor err, and leaving it out changes no answer. Each test here is the meaning that Cedar gives to
 * the same words (Cedar reference, "policy scope"); what we do not know fits everything.
 */
export function headOf(policy: PolicyJson): Head {
  return { principal: fits(policy.principal), action: fits(policy.action), resource: fits(policy.resource) };
}

/** Whether the policy could say anything about the request. */
export function concerns(head: Head, request: RequestPlaces): boolean {
  return head.action(request.action) && head.resource(request.resource) && head.principal(request.principal);
}

const everything: Fits = () => true;

function fits(constraint: PolicyJson["principal"] | PolicyJson["action"] | PolicyJson["resource"]): Fits {
  switch (constraint.op) {
    case "==": {
      if (!("entity" in constraint)) return everything;
      const key = keyOf(constraint.entity);
      return (place) => place.self === key;
    }
    case "in": {
      const entities = "entities" in constraint ? constraint.entities : "entity" in constraint ? [constraint.entity] : undefined;
      return entities === undefined ? everything : within(entities.map(keyOf));
    }
    case "is": {
      const { entity_type: type, in: inside } = constraint;
      const deeper = inside === undefined || !("entity" in inside) ? everything : within([keyOf(inside.entity)]);
      return (place) => place.type === type && deeper(place);
    }
    default:
      return everything;
  }
}

function within(keys: readonly EntityKey[]): Fits {
  return (place) => keys.some((key) => place.within.has(key));
}

function keyOf(uid: { __entity: TypeAndId } | TypeAndId): EntityKey {
  return entityKey("__entity" in uid ? uid.__entity : uid);
}
