import { keyOf, type Candidate } from "./scan.ts";
import type { Served } from "./served.ts";

/** What serves, by name and version. Reads are on the path of every request: two map lookups, no allocation. */
export interface Catalogue {
  find(name: string, version?: string): Served | undefined;
  get(key: string): Served | undefined;
  versions(name: string): readonly string[];
  list(): readonly Served[];
  /** Puts a version in, and gives back the one it takes the place of. */
  put(served: Served): Served | undefined;
  remove(key: string): Served | undefined;
  /** Takes over the names for versions that the configuration gives. */
  label(candidates: readonly Candidate[]): void;
}

export function createCatalogue(): Catalogue {
  const byKey = new Map<string, Served>();
  let byName = new Map<string, Entry>();
  let labels: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map();

  // Rebuilt whole on each change: a request sees the catalogue before or after it, never between.
  const rebuild = () => {
    const next = new Map<string, Entry>();
    for (const served of sorted(byKey.values())) {
      const entry: Entry = next.get(served.name) ?? { newest: served, byVersion: new Map(), versions: [] };
      entry.newest = served;
      entry.byVersion.set(served.version, served);
      entry.versions.push(served.version);
      next.set(served.name, entry);
    }
    for (const [name, entry] of next) addLabels(entry, labels.get(name));
    byName = next;
  };

  return {
    find(name, version) {
      const entry = byName.get(name);
      return version === undefined ? entry?.newest : entry?.byVersion.get(version);
    },
    get: (key) => byKey.get(key),
    versions: (name) => byName.get(name)?.versions ?? [],
    list: () => sorted(byKey.values()),
    put(served) {
      const before = byKey.get(keyOf(served));
      byKey.set(keyOf(served), served);
      rebuild();
      return before;
    },
    remove(key) {
      const before = byKey.get(key);
      byKey.delete(key);
      rebuild();
      return before;
    },
    label(candidates) {
      labels = new Map(candidates.map(({ name, source }) => [name, source.labels] as const));
      rebuild();
    },
  };
}

interface Entry {
  newest: Served;
  /** By number and by label. */
  readonly byVersion: Map<string, Served>;
  readonly versions: string[];
}

function addLabels(entry: Entry, labels: Readonly<Record<string, string>> = {}): void {
  for (const [label, version] of Object.entries(labels)) {
    const served = entry.byVersion.get(version);
    if (served !== undefined && !entry.byVersion.has(label)) entry.byVersion.set(label, served);
  }
}

function sorted(all: Iterable<Served>): Served[] {
  return [...all].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : Number(a.version) - Number(b.version)));
}
