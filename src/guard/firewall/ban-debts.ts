/** What memory owes the store: bans not yet written, ends not yet marked, addresses newly known. */
import type { BanStore, EndedHow } from "./ban-store.ts";
import type { Ban } from "./face.ts";
import type { Known } from "./known.ts";

export interface BanDebts {
  owesBan(id: string): boolean;
  owesEnd(id: string): boolean;
  begin(ban: Ban): void;
  end(ban: Ban, how: EndedHow, atMs: number): void;
  /** Writes all of it; what fails stays owed. `ended` hears of each ban that ended here first, of all replicas. */
  pay(ended: (ban: Ban, how: EndedHow) => void): Promise<void>;
}

export function createBanDebts(rows: BanStore, known: Known): BanDebts {
  const unsaved = new Map<string, Ban>();
  const ending = new Map<string, { ban: Ban; how: EndedHow; atMs: number }>();
  return {
    owesBan: (id) => unsaved.has(id),
    owesEnd: (id) => ending.has(id),
    begin: (ban) => void unsaved.set(ban.id, ban),
    end: (ban, how, atMs) => void ending.set(ban.id, { ban, how, atMs }),
    async pay(ended) {
      const begun = [...unsaved.values()];
      await rows.insert(begun);
      for (const { id } of begun) unsaved.delete(id);
      for (const how of ["expired", "lifted", "made room"] as const) {
        const due = [...ending.values()].filter((end) => end.how === how);
        const first = await rows.end(due, how);
        for (const { ban } of due) ending.delete(ban.id);
        for (const { ban } of due) if (first.has(ban.id)) ended(ban, how);
      }
      const news = known.takeNews();
      await rows.saveKnown(news).catch((error: unknown) => {
        known.putBack(news);
        throw error;
      });
    },
  };
}
