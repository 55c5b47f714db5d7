import { ModelkeepError, nearest, quote } from "../error/index.ts";
import type {} from "./errors.ts";

/** What every registered definition has: an id that never changes once published, and a title for people. */
export interface Registered {
  readonly id: string;
  readonly title: string;
}

export interface Registry<T extends Registered> {
  /** In order of id. */
  readonly all: readonly T[];
  /** @throws `registry/unknown` with the nearest id. */
  get(id: string): T;
  has(id: string): boolean;
}

/**
 * A registry over a generated `_all.ts` list: plain values, no registration by import.
 *
 * @throws `registry/duplicate` when two definitions claim one id.
 * @example
 * const checks = createRegistry("check", all);
 * checks.get("clock");
 */
export function createRegistry<T extends Registered>(kind: string, definitions: readonly T[]): Registry<T> {
  const byId = new Map<string, T>();
  for (const definition of definitions) {
    if (byId.has(definition.id)) {
      throw new ModelkeepError("registry/duplicate", {
        message: `two definitions of ${kind} ${quote(definition.id)}`,
        hint: "give one of them another id",
      });
    }
    byId.set(definition.id, definition);
  }
  return {
    all: [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    has: (id) => byId.has(id),
    get(id) {
      const found = byId.get(id);
      if (found !== undefined) return found;
      const meant = nearest(id, byId.keys());
      throw new ModelkeepError("registry/unknown", {
        message: `no ${kind} ${quote(id)}`,
        hint: meant === undefined ? `known: ${[...byId.keys()].toSorted().join(", ")}` : `did you mean \`${meant}\`?`,
        exit: 4,
        status: 404,
      });
    },
  };
}
