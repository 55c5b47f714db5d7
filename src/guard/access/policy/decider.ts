import type { Evidence } from "../../../base/evidence/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import { isModelName } from "../keys/check.ts";
import { actions } from "../types.ts";
import type { Action, Caller, Decision, Resource } from "../types.ts";
import type { PolicySet } from "./compile.ts";
import { ask, placesOf } from "./entities.ts";
import type { Question } from "./entities.ts";
import type { PreparedSets, Verdict } from "./evaluate.ts";
import { Recent } from "./recent.ts";
import { sliceOf } from "./slices.ts";
import type { Slice } from "./slices.ts";

const known: ReadonlySet<string> = new Set(actions);

/** What is remembered of a question: its answer, or what else the answer depends on. */
type Remembered = { readonly decision: Decision } | { readonly slice: Slice };

/** What the decider is built from. */
export interface DeciderParts {
  readonly prepared: PreparedSets;
  readonly clock: Clock;
  readonly cacheSize: number;
  /** Told once for each policy that breaks, in each policy set. */
  readonly onBroken: (evidence: Evidence) => void;
}

/**
 * Answers "may they" from one policy set, which can be exchanged whole.
 *
 * INVARIANT: a remembered answer is found again only for a question that agrees in everything the answer depends on. The caller
 * stands in the key as an object: any change to a key or a principal makes another object, and so another key.
 */
export class Decider {
  readonly #parts: DeciderParts;
  #set: PolicySet;
  #recent: Recent<Remembered>;
  #callers = new WeakMap<Caller, number>();
  #lastCaller = 0;
  readonly #told = new Set<string>();

  constructor(parts: DeciderParts, set: PolicySet) {
    this.#parts = parts;
    this.#set = set;
    this.#recent = new Recent(parts.cacheSize);
  }

  get set(): PolicySet {
    return this.#set;
  }

  /** Takes another policy set. Everything remembered is forgotten. */
  exchange(set: PolicySet): void {
    this.#set = set;
    this.#recent = new Recent(this.#parts.cacheSize);
    this.#told.clear();
    this.#parts.prepared.clear();
  }

  /** Number of answers remembered. */
  get remembered(): number {
    return this.#recent.size;
  }

  authorize(caller: Caller, action: Action, resource: Resource, address: string): Decision {
    // No model has such a name, nothing does such an act, and the cache key below relies on words without separators.
    if (!isPossible(resource) || !known.has(action))
      return { allowed: false, policies: [], digest: this.#set.digest, cached: false };
    const key = `${this.#numberOf(caller)}|${action}|${nameOf(resource)}`;
    const remembered = this.#recent.get(key);
    if (remembered === undefined) {
      const slice = sliceOf(this.#set, placesOf(caller, action, resource, this.#set.groups));
      const decision = this.#decide(slice, { caller, action, resource, address, timeMs: this.#parts.clock.now() });
      this.#recent.set(key, slice.usesTime || slice.usesAddress ? { slice } : { decision: asCached(decision) });
      if (slice.usesAddress && !slice.usesTime) this.#recent.set(`${key}|${address}`, { decision: asCached(decision) });
      return decision;
    }
    if ("decision" in remembered) return remembered.decision;
    return this.#fromSlice(remembered.slice, `${key}|${address}`, {
      caller,
      action,
      resource,
      address,
      timeMs: this.#parts.clock.now(),
    });
  }

  #fromSlice(slice: Slice, key: string, question: Question): Decision {
    if (slice.usesTime) return this.#decide(slice, question);
    const remembered = this.#recent.get(key);
    if (remembered !== undefined && "decision" in remembered) return remembered.decision;
    const decision = this.#decide(slice, question);
    this.#recent.set(key, { decision: asCached(decision) });
    return decision;
  }

  #decide(slice: Slice, question: Question): Decision {
    const { allowed, policies, errors } = evaluate(this.#parts.prepared, this.#set, slice, question);
    for (const error of errors) this.#tell(error);
    const { digest } = this.#set;
    return {
      allowed,
      policies,
      digest,
      cached: false,
      ...(errors.length === 0 ? {} : { errors: errors.map(({ policy }) => policy) }),
    };
  }

  /** Numbers stand for callers; one that could still be altered gets a fresh number, and so a fresh decision, each time. */
  #numberOf(caller: Caller): number {
    const known = this.#callers.get(caller);
    if (known !== undefined) return known;
    const number = ++this.#lastCaller;
    if (isFrozen(caller)) this.#callers.set(caller, number);
    return number;
  }

  #tell({ policy, message }: Verdict["errors"][number]): void {
    if (this.#told.has(policy)) return;
    this.#told.add(policy);
    this.#parts.onBroken({
      kind: "policy.broke",
      outcome: "failed",
      subject: { type: "policy", id: policy === "" ? "engine" : policy, digest: this.#set.digest },
      detail: { message },
    });
  }
}

/** One question to the policies that concern it, not remembered. */
export function evaluate(prepared: PreparedSets, set: PolicySet, slice: Slice, question: Question): Verdict {
  return prepared.evaluate(slice.policies, slice.content, ask(question, set.groups));
}

/** Whether the name is one that a model, and a version, can have. */
export function isPossible(resource: Resource): boolean {
  if (resource.type === "service") return true;
  return isModelName(resource.name) && (resource.version === undefined || isModelName(resource.version));
}

function nameOf(resource: Resource): string {
  if (resource.type === "service") return "/";
  return resource.version === undefined ? resource.name : `${resource.name}/${resource.version}`;
}

function asCached(decision: Decision): Decision {
  return Object.freeze({ ...decision, cached: true });
}

function isFrozen(caller: Caller): boolean {
  return [caller, caller.roles, caller.groups, caller.models ?? caller].every(Object.isFrozen);
}
