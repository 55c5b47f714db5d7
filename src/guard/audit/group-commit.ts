/**
 * Group commit: entries that arrive while the disk is busy share the next frame, one signature and one sync. Alone, an entry
 * waits for nobody. INVARIANT: frames are written one at a time, and the tree grows only by frames that are durable.
 */

import type { Evidence } from "../../base/evidence/index.ts";
import { ModelkeepError } from "../../base/error/index.ts";
import type { Logger, Meter } from "../../base/log/index.ts";
import type { Clock } from "../../base/port/index.ts";
import type { Frontier, NoteSigner } from "../../base/tlog/index.ts";
import type { AuditConfig } from "./config.ts";
import { encodeEntry } from "./entry.ts";
import type {} from "./errors.ts";
import { formatFrame } from "./frame.ts";
import type { Journal } from "./journal.ts";
import { createMutex } from "./mutex.ts";

/** More entries than this make a frame no cheaper. */
const maxFrameEntries = 1024;
/** As many share a frame's cost of about 100 µs well enough: no frame waits for more. */
const enoughEntries = 8;
/** Most frames that begin without a wait after waits that brought nobody. */
const longestPause = 1024;

/** One entry on its way. `settle` and `fail` are gone once its caller was answered. */
interface Waiting {
  readonly evidence: Evidence;
  readonly timeMs: number;
  readonly bytes: Uint8Array;
  readonly leaf: Uint8Array;
  readonly sinceMs: number;
  settle?: ((index: number) => void) | undefined;
  fail?: ((error: Error) => void) | undefined;
}

/** Entries that became durable together. */
export interface Committed {
  readonly first: number;
  readonly entries: readonly Uint8Array[];
  readonly leaves: readonly Uint8Array[];
  /** Root of the tree that the last of them completes. */
  readonly root: Uint8Array;
  readonly records: readonly { readonly evidence: Evidence; readonly timeMs: number }[];
}

export interface GroupCommitParts {
  readonly journal: Journal;
  readonly signer: NoteSigner;
  readonly config: AuditConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly meter: Meter;
  /** The tree of all durable entries at the start. */
  readonly frontier: Frontier;
  /** Why nothing may be written, asked before every frame; undefined when all is well. */
  readonly obstacle: () => string | undefined;
  /** Entries that must come before any other: what recovery has to tell. */
  readonly owed: readonly Evidence[];
  readonly onCommitted: (committed: Committed) => void;
}

export class GroupCommit {
  readonly #parts: GroupCommitParts;
  readonly #exclusive = createMutex();
  #frontier: Frontier;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #scheduled = false;
  #gathering: { readonly timer: NodeJS.Timeout; readonly entries: number; readonly start: () => void } | undefined;
  #pause = 0;
  #nextPause = 1;
  #lastStartMs = -Infinity;
  #outage: { readonly reason: string; readonly sinceMs: number; refused: number } | undefined;
  #owed: readonly Evidence[];
  #closed = false;

  constructor(parts: GroupCommitParts) {
    this.#parts = parts;
    this.#frontier = parts.frontier;
    this.#owed = parts.owed;
    if (parts.owed.length > 0) this.declareOutage("recovery is not finished");
  }

  /** Durable entries. */
  get size(): number {
    return this.#frontier.size;
  }

  get pendingBytes(): number {
    return this.#queuedBytes;
  }

  /** Why an entry would not be taken now. */
  refusal(): string | undefined {
    if (this.#closed) return "the log is closed";
    if (this.#parts.config.mode === "async" && this.#mayAnswerEarly()) return undefined;
    if (this.#outage !== undefined) return this.#outage.reason;
    return this.#queuedBytes >= this.#parts.config.maxPendingBytes ? "too many entries wait to become durable" : undefined;
  }

  /** Enters evidence; settles with its index when the mode's promise holds. */
  append(evidence: Evidence): Promise<{ index: number }> {
    const refusal = this.refusal();
    if (refusal !== undefined) return Promise.reject(this.#refuse(refusal));
    const early = this.#parts.config.mode === "async" && this.#mayAnswerEarly();
    const waiting = this.#waiting(evidence);
    this.#queuedBytes += waiting.bytes.length;
    this.#queue.push(waiting);
    this.#schedule();
    // In async mode the index is where the entry will stand unless one before it is lost.
    if (early) return Promise.resolve({ index: this.#frontier.size + this.#queue.length - 1 });
    return new Promise((resolve, reject) => {
      waiting.settle = (index) => resolve({ index });
      waiting.fail = reject;
    });
  }

  /** Settles when everything entered so far is durable or was refused. */
  async flush(): Promise<void> {
    const last = this.#queue.at(-1);
    // Not until the queue is empty: under load it never is.
    const waits = () => last !== undefined && this.#outage === undefined && this.#queue.includes(last);
    while (waits()) await this.#exclusive(() => this.#writeFrame());
    await this.#exclusive(async () => {});
  }

  /** Ends the journal file between two frames; settles with the number of entries that stand in ended files. */
  rotate(): Promise<number> {
    return this.#exclusive(async () => {
      await this.#parts.journal.rotate();
      return this.#frontier.size;
    });
  }

  /** Tries to write again after an outage. What ends it is itself an entry, so the log tells of its own gap. */
  async recover(): Promise<void> {
    const outage = this.#outage;
    if (outage === undefined || this.#closed) return;
    const resumed: Evidence = {
      kind: "log.resumed",
      outcome: "done",
      subject: { type: "log", id: this.#parts.signer.name },
      detail: { reason: outage.reason, sinceMs: outage.sinceMs, refusedEntries: outage.refused },
    };
    const batch = [...this.#owed, resumed].map((evidence) => this.#waiting(evidence));
    const written = await this.#exclusive(() =>
      this.#commit(batch).then(
        () => true,
        () => false,
      ),
    );
    if (!written) return;
    this.#owed = [];
    this.#outage = undefined;
    this.#parts.log.info("audit log writes again", { reason: outage.reason, refusedEntries: outage.refused });
    this.#schedule();
  }

  /** Declares an outage from outside, for example when entries cannot be integrated. */
  declareOutage(reason: string): void {
    if (this.#outage !== undefined) return;
    this.#outage = { reason, sinceMs: this.#parts.clock.now(), refused: 0 };
    this.#parts.log.warn("audit log takes no entries for now", { reason });
    for (const waiting of this.#queue) waiting.fail?.(this.#refuse(reason));
    this.#keep((waiting) => waiting.fail === undefined);
  }

  /** Takes nothing more; what waits is written if the disk lets it. */
  async close(): Promise<void> {
    await this.recover();
    this.#closed = true;
    await this.flush();
    await this.rotate();
    for (const waiting of this.#queue.splice(0)) waiting.fail?.(this.#refuse("the log is closed"));
  }

  #waiting(evidence: Evidence): Waiting {
    const timeMs = this.#parts.clock.now();
    return { evidence, timeMs, ...encodeEntry(evidence, timeMs), sinceMs: this.#parts.clock.monotonic() };
  }

  #keep(wanted: (waiting: Waiting) => boolean): void {
    this.#queue = this.#queue.filter(wanted);
    this.#queuedBytes = this.#queue.reduce((sum, waiting) => sum + waiting.bytes.length, 0);
  }

  #mayAnswerEarly(): boolean {
    const { maxPendingBytes, maxPendingMs } = this.#parts.config;
    const oldest = this.#queue[0];
    return (
      this.#queuedBytes < maxPendingBytes &&
      (oldest === undefined || this.#parts.clock.monotonic() - oldest.sinceMs < maxPendingMs)
    );
  }

  #schedule(): void {
    if (this.#gathering !== undefined && this.#queue.length >= enoughEntries) return this.#endGathering();
    if (this.#scheduled || this.#queue.length === 0 || this.#outage !== undefined) return;
    this.#scheduled = true;
    const start = () => void this.#exclusive(() => this.#writeFrame()).finally(() => this.#next());
    const waitMs = this.#waitMs();
    if (waitMs <= 0) return void setImmediate(start);
    const timer = setTimeout(() => this.#endGathering(), waitMs);
    this.#gathering = { timer, entries: this.#queue.length, start };
  }

  /**
   * How long the next frame waits for company. Whoever asks one thing after another never gets any: a wait that brought nobody is not
   * repeated for a while, twice as long each time.
   */
  #waitMs(): number {
    const waitMs = this.#lastStartMs + this.#parts.config.gatherMs - this.#parts.clock.monotonic();
    if (waitMs <= 0 || this.#queue.length >= enoughEntries) return 0;
    if (this.#pause === 0) return waitMs;
    this.#pause--;
    return 0;
  }

  #endGathering(): void {
    const gathering = this.#gathering;
    if (gathering === undefined) return;
    this.#gathering = undefined;
    clearTimeout(gathering.timer);
    const gained = this.#queue.length > gathering.entries;
    this.#pause = gained ? 0 : this.#nextPause;
    this.#nextPause = gained ? 1 : Math.min(longestPause, this.#nextPause * 2);
    gathering.start();
  }

  #next(): void {
    this.#scheduled = false;
    this.#schedule();
  }

  async #writeFrame(): Promise<void> {
    const batch = this.#queue.slice(0, maxFrameEntries);
    if (batch.length === 0 || this.#outage !== undefined) return;
    this.#lastStartMs = this.#parts.clock.monotonic();
    try {
      const first = await this.#commit(batch);
      // One by one: an outage declared meanwhile may have taken some of them out of the queue, and let others in behind.
      const written = new Set(batch);
      this.#keep((waiting) => !written.has(waiting));
      batch.forEach((waiting, i) => waiting.settle?.(first + i));
    } catch (error) {
      this.declareOutage(reasonOf(error));
    }
  }

  /** Makes one frame durable and lets the tree grow by it. */
  async #commit(batch: readonly Waiting[]): Promise<number> {
    const { journal, signer, clock, meter } = this.#parts;
    const startMs = clock.monotonic();
    const obstacle = this.#parts.obstacle();
    if (obstacle !== undefined) throw new Error(obstacle);
    const first = this.#frontier.size;
    const grown = this.#frontier.fork();
    for (const { leaf } of batch) grown.append(leaf);
    const root = grown.root();
    const entries = batch.map((waiting) => waiting.bytes);
    await journal.write(first, formatFrame(entries, { origin: signer.name, size: grown.size, root }, signer));
    this.#frontier = grown;
    this.#parts.onCommitted({ first, entries, leaves: batch.map((waiting) => waiting.leaf), root, records: batch });
    meter.observe("modelkeep_audit_commit_seconds", (clock.monotonic() - startMs) / 1000);
    meter.count("modelkeep_audit_entries_total", {}, batch.length);
    return first;
  }

  #refuse(reason: string): ModelkeepError {
    if (this.#outage !== undefined) this.#outage.refused++;
    return new ModelkeepError("audit/unavailable", {
      message: `the audit log takes no entries: ${reason}`,
      hint: "nothing is answered that cannot be logged; `modelkeep doctor` says what the disk and the key lack",
      status: 503,
      retryAfterSeconds: 2,
    });
  }
}

function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (code === "ENOSPC" || code === "EDQUOT") return "the disk is full";
  if (typeof code === "string" && /^E[A-Z]+$/.test(code)) return `the disk failed with ${code}`;
  return (error as Error).message;
}
