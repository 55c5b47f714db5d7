import type { Actor } from "../../../base/evidence/index.ts";
import { toModelkeepError } from "../../../base/error/index.ts";
import type { Logger } from "../../../base/log/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import { createCatalogue, type Catalogue } from "./catalogue.ts";
import type { Changes } from "./changes.ts";
import type { RefusedFile } from "./load.ts";
import type { ModelsReport } from "./models.ts";
import { keyOf, type Candidate, type Refused, type Scan } from "./scan.ts";
import type { Served } from "./served.ts";
import { createSettling, type Settling } from "./settle.ts";

export interface RegistryParts {
  /** Looks at the files. */
  readonly scan: () => Promise<Scan>;
  /** Loads a candidate whole; undefined when it is the file with this digest, which serves already. */
  readonly load: (candidate: Candidate, servingDigest: string | undefined) => Promise<Served | RefusedFile | undefined>;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settleMs: number;
  readonly drainMs: number;
}

interface Report extends ModelsReport {
  readonly added: string[];
  readonly replaced: string[];
  readonly removed: string[];
  readonly refused: Refused[];
}

interface Look {
  /** Take up only what has settled and was not tried before (a poll); otherwise everything, now. */
  readonly onlySettled: boolean;
  readonly by?: Actor | undefined;
}

/** Brings what serves in step with what the files say, one look at a time. */
export class Registry {
  readonly catalogue: Catalogue = createCatalogue();
  readonly #parts: RegistryParts;
  readonly #arriving: Settling;
  readonly #leaving: Settling;
  /** What was made of a path last: the stamp of the file that was loaded or refused, or what was wrong with the path. */
  readonly #tried = new Map<string, string>();
  readonly #retiring = new Set<Promise<void>>();
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
    this.#arriving = createSettling(parts.settleMs);
    this.#leaving = createSettling(parts.settleMs);
  }

  /** A poll that meets a reload waits for it. */
  look(how: Look): Promise<ModelsReport> {
    const next = this.#turn.then(() => this.#look(how));
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
    for (const served of this.catalogue.list()) {
      this.catalogue.remove(keyOf(served));
      this.#retire(served);
    }
    await Promise.all(this.#retiring);
  }

  async #look(how: Look): Promise<ModelsReport> {
    const report: Report = { added: [], replaced: [], removed: [], refused: [] };
    const found = await this.#parts.scan();
    this.catalogue.label(found.candidates);
    for (const refused of found.refused) {
      const isNew = this.#isNew(refused.path, refused.error.message);
      if (isNew || !how.onlySettled) await this.#refuse(refused, report, how.by);
    }
    for (const candidate of this.#due(found.candidates, how)) {
      if (this.#isClosed) return report;
      await this.#take(candidate, report, how.by);
    }
    await this.#removeMissing(found, report, how);
    return report;
  }

  #due(candidates: readonly Candidate[], how: Look): Candidate[] {
    const settled = new Set(this.#arriving.settled(candidates, this.#parts.clock.monotonic()));
    return candidates.filter((candidate) => {
      if (!how.onlySettled) return true;
      return settled.has(candidate) && this.#tried.get(candidate.path) !== candidate.stamp;
    });
  }

  async #take(candidate: Candidate, report: Report, by: Actor | undefined): Promise<void> {
    const { load, changes } = this.#parts;
    const key = keyOf(candidate);
    this.#tried.set(candidate.path, candidate.stamp);
    try {
      const served = await load(candidate, this.catalogue.get(key)?.digest);
      if (served === undefined) return;
      if ("error" in served) return await this.#refuse({ path: candidate.path, ...served }, report, by);
      if (this.#isClosed) return this.#retire(served);
      const before = this.catalogue.put(served);
      report[before === undefined ? "added" : "replaced"].push(key);
      if (before === undefined) return await changes.added(served, by);
      this.#retire(before);
      await changes.replaced(served, before, by);
    } catch (thrown) {
      const error = toModelkeepError(thrown);
      if (error.code === "models/unsettled") this.#tried.delete(candidate.path);
      await this.#refuse({ path: candidate.path, error }, report, by);
    }
  }

  async #refuse(refused: Refused, report: Report, by: Actor | undefined): Promise<void> {
    report.refused.push(refused);
    await this.#parts.changes.refused(refused, by);
  }

  /** A path that cannot be read is no reason to stop serving what was read from it; a path that is gone is, once it stays so. */
  async #removeMissing({ candidates, unreadable }: Scan, report: Report, how: Look): Promise<void> {
    const present = new Set(candidates.map(keyOf));
    const missing = this.catalogue
      .list()
      .filter((served) => !present.has(keyOf(served)) && !unreadable.includes(served.source))
      .map((served) => ({ name: served.name, version: served.version, stamp: "gone", served }));
    const settled = this.#leaving.settled(missing, this.#parts.clock.monotonic());
    for (const { served } of how.onlySettled ? settled : missing) {
      this.catalogue.remove(keyOf(served));
      this.#tried.delete(served.path);
      this.#retire(served);
      report.removed.push(keyOf(served));
      await this.#parts.changes.removed(served, how.by);
    }
  }

  #isNew(path: string, what: string): boolean {
    if (this.#tried.get(path) === what) return false;
    this.#tried.set(path, what);
    return true;
  }

  #retire(served: Served): void {
    const done = served
      .retire(this.#parts.drainMs)
      .catch((error: unknown) => this.#parts.log.error("a model did not close cleanly", { model: keyOf(served), error }))
      .finally(() => this.#retiring.delete(done));
    this.#retiring.add(done);
  }
}
