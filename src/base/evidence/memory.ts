import type { EvidenceEntry, EvidenceQuery, EvidenceSink, EvidenceSource } from "./evidence.ts";

/** Evidence kept in memory, for tools that keep no log and for tests of rooms that write some. */
export function createMemoryEvidence(
  now: () => number = Date.now,
): EvidenceSink & EvidenceSource & { readonly entries: readonly EvidenceEntry[] } {
  const entries: EvidenceEntry[] = [];
  return {
    entries,
    append: async (evidence) => {
      const index = entries.push({ index: entries.length, timeMs: now(), evidence }) - 1;
      return { index };
    },
    get: async (index) => entries[index],
    search: async (query) =>
      entries
        .filter((entry) => matches(entry, query))
        .toReversed()
        .slice(0, query.limit ?? 100),
  };
}

function matches({ index, timeMs, evidence }: EvidenceEntry, query: EvidenceQuery): boolean {
  const wanted: [unknown, unknown][] = [
    [query.kind, evidence.kind],
    [query.principal, evidence.actor?.principal],
    [query.address, evidence.actor?.address],
    [query.outcome, evidence.outcome],
    [query.model, evidence.subject?.type === "model" ? evidence.subject.id : undefined],
  ];
  if (wanted.some(([want, have]) => want !== undefined && want !== have)) return false;
  return timeMs >= (query.fromMs ?? -Infinity) && timeMs <= (query.toMs ?? Infinity) && index < (query.before ?? Infinity);
}
