import type { Engine } from "./engine.ts";
import type { Asked } from "./entities.ts";
import type { Policy } from "./compile.ts";

/** What Cedar said. An error of any policy denies: a forbid that breaks must not turn into a permit. */
export interface Verdict {
  readonly allowed: boolean;
  /** Ids of the policies that decided; of those that broke when one did. */
  readonly policies: readonly string[];
  readonly errors: readonly { readonly policy: string; readonly message: string }[];
}

/**
 * Keeps the parsed forms of policy subsets inside Cedar's WebAssembly memory. Cedar has no call to drop one, only to replace it
 * under the same name, so names are places that are used again: at most `places` of them, the least recently used goes first.
 */
export class PreparedSets {
  readonly #engine: Engine;
  readonly #prefix: string;
  readonly #places: number;
  readonly #byContent = new Map<string, string>();
  readonly #free: string[] = [];
  #made = 0;

  /** `prefix` keeps this instance's names apart from those of others in the process, which share Cedar's memory. */
  constructor(engine: Engine, prefix: string, places: number) {
    this.#engine = engine;
    this.#prefix = prefix;
    this.#places = places;
  }

  /** Asks the policies; anything unexpected is a denial with an error. Equal `content` must mean equal policies. */
  evaluate(policies: readonly Policy[], content: string, asked: Asked): Verdict {
    if (policies.length === 0) return nothingPermits;
    try {
      const name = this.#byContent.get(content) ?? this.#prepare(policies, content);
      this.#byContent.delete(content);
      this.#byContent.set(content, name); // now the most recent
      return read(this.#engine.statefulIsAuthorized({ ...asked, preparsedPolicySetId: name }));
    } catch (error) {
      return broken(error instanceof Error ? error.message : String(error));
    }
  }

  /** Empties every place. */
  clear(): void {
    for (const name of this.#byContent.values()) {
      this.#engine.preparsePolicySet(name, { staticPolicies: {} });
      this.#free.push(name);
    }
    this.#byContent.clear();
  }

  #prepare(policies: readonly Policy[], content: string): string {
    const name = this.#freePlace();
    const staticPolicies = Object.fromEntries(policies.map((policy) => [policy.id, policy.text]));
    const answer = this.#engine.preparsePolicySet(name, { staticPolicies });
    if (answer.type === "failure") throw new Error(answer.errors[0]?.message ?? "the policies do not parse");
    this.#byContent.set(content, name);
    return name;
  }

  #freePlace(): string {
    const [oldest] = this.#byContent;
    if (this.#byContent.size < this.#places || oldest === undefined) return this.#free.pop() ?? `${this.#prefix}/${this.#made++}`;
    this.#byContent.delete(oldest[0]);
    return oldest[1];
  }
}

function read(answer: ReturnType<Engine["statefulIsAuthorized"]>): Verdict {
  if (answer.type === "failure") return broken(answer.errors[0]?.message ?? "no answer");
  const { decision, diagnostics } = answer.response;
  const errors = diagnostics.errors.map(({ policyId, error }) => ({ policy: policyId, message: error.message }));
  if (errors.length > 0) return { allowed: false, policies: errors.map(({ policy }) => policy).sort(), errors };
  return { allowed: decision === "allow", policies: diagnostics.reason.toSorted(), errors };
}

const nothingPermits: Verdict = Object.freeze({ allowed: false, policies: Object.freeze([]), errors: Object.freeze([]) });

function broken(message: string): Verdict {
  return { allowed: false, policies: [], errors: [{ policy: "", message }] };
}
