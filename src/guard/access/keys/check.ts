import { ModelkeepError, nearest, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

const grammars = {
  principal: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9._@:/+-]{0,127}$/,
    says: "letters, digits and . _ @ : / + -, at most 128, a letter or digit first",
  },
  group: { pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, says: "letters, digits and . _ -, at most 64, a letter or digit first" },
  role: { pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, says: "letters, digits and . _ -, at most 64, a letter or digit first" },
  model: { pattern: /^[A-Za-z0-9._-]{1,64}$/, says: "letters, digits and . _ -, at most 64" },
} as const;

/** Names that may stand in a policy, a log line and a terminal. */
export function checkName(what: keyof typeof grammars, name: string): string {
  const { pattern, says } = grammars[what];
  if (pattern.test(name)) return name;
  throw new ModelkeepError("access/bad-name", {
    message: `${quote(name)} cannot be the name of a ${what}`,
    hint: `use ${says}`,
    status: 400,
    exit: 4,
  });
}

/** Sorted, without doubles. */
export function checkNames(what: keyof typeof grammars, names: readonly string[]): string[] {
  return [...new Set(names.map((name) => checkName(what, name)))].sort();
}

/** A restriction to some of something. To none would make a key that nobody can use. */
export function checkSome<T>(what: string, list: readonly T[]): readonly T[] {
  if (list.length > 0) return list;
  throw new ModelkeepError("access/bad-name", {
    message: `a key for no ${what} at all would be of no use`,
    hint: `leave it out to allow every ${what}`,
    status: 400,
    exit: 4,
  });
}

export function isModelName(name: string): boolean {
  return grammars.model.pattern.test(name);
}

/** A role that at least one policy speaks of. */
export function checkRole(role: string, known: ReadonlySet<string>): string {
  checkName("role", role);
  if (known.has(role)) return role;
  const near = nearest(role, known);
  throw new ModelkeepError("access/unknown-role", {
    message: `no policy speaks of the role ${quote(role)}`,
    hint:
      near === undefined
        ? `the roles are ${[...known].sort().join(", ")}; your own need a policy first`
        : `did you mean ${quote(near)}?`,
    status: 400,
    exit: 4,
  });
}

/** A duration in milliseconds within bounds; undefined stays undefined unless there is an upper bound. */
export function checkLifetime(
  what: string,
  ms: number | undefined,
  bounds: { readonly min: number; readonly max: number | undefined },
): number | null {
  const { min, max } = bounds;
  if (ms === undefined && max === undefined) return null;
  if (ms !== undefined && Number.isSafeInteger(ms) && ms >= min && ms <= (max ?? Number.MAX_SAFE_INTEGER / 2)) return ms;
  throw new ModelkeepError("access/bad-lifetime", {
    message: ms === undefined ? `${what} needs an end` : `${what} of ${quote(ms)} ms is not possible`,
    hint:
      max === undefined
        ? `give at least ${min} ms`
        : `give ${min} to ${max} ms; \`access.keys\` in the configuration sets the bounds`,
    status: 400,
    exit: 4,
  });
}
