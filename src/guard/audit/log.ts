/**
 * The audit log as the rest of the house sees it: takes evidence, keeps it durable and signed, finds it again and proves it.
 * Put together from its parts; each part says in its own file what it promises.
 */

import { nativeSha256, toBase64 } from "../../base/crypto/index.node.ts";
import { formatVerifierKey } from "../../base/crypto/index.ts";
import { isModelkeepError, ModelkeepError } from "../../base/error/index.ts";
import type { Evidence, EvidenceEntry } from "../../base/evidence/index.ts";
import { silentLogger, silentMeter } from "../../base/log/index.ts";
import type { Logger } from "../../base/log/index.ts";
import { systemClock } from "../../base/port/index.ts";
import type { Disk } from "../../base/port/index.ts";
import { createProver, formatProofFile, readCheckpoint, tilePath, tileWidth, tileWidthAt } from "../../base/tlog/index.ts";
import type { Prover } from "../../base/tlog/index.ts";
import { EntryIndex } from "./entry-index.ts";
import type {} from "./errors.ts";
import { exportEntries } from "./export.ts";
import type { ExportFormat } from "./export.ts";
import type { AuditLog, AuditLogOptions } from "./face.ts";
import { GroupCommit } from "./group-commit.ts";
import type { Committed } from "./group-commit.ts";
import { Integrator } from "./integrate.ts";
import { Journal } from "./journal.ts";
import { paths } from "./paths.ts";
import { Publisher } from "./publish.ts";
import { matches } from "./query.ts";
import type { AuditQuery } from "./query.ts";
import { createReader } from "./reader.ts";
import type { Reader } from "./reader.ts";
import type { Recovered } from "./recover.ts";
import { Refusals } from "./refusals.ts";
import type { AuditSigner } from "./signer.ts";

/** How much durable memory may wait for tiles before the log stops taking more, bytes: tiles cannot be written then. */
const maxUnintegratedBytes = 67_108_864;
/** A search without a limit. */
const defaultLimit = 100;

/** Built by `createAuditLog`, from what recovery found. */
export class Log implements AuditLog {
  readonly verifierKey: string;
  readonly origin: string;
  readonly #disk: Disk;
  readonly #options: AuditLogOptions;
  readonly #log: Logger;
  readonly #signer: AuditSigner;
  readonly #commits: GroupCommit;
  readonly #integrator: Integrator;
  readonly #refusals: Refusals;
  readonly #reader: Reader;
  readonly #index: EntryIndex | undefined;
  readonly #followers = new Set<() => void>();
  readonly #gauges: (() => void)[];
  readonly #publisher: Publisher | undefined;
  #prover: { readonly size: number; readonly prover: Prover } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #housekeeping: Promise<void> | undefined;
  /** Why nothing may be written, as the last look at key, disk and tiles found. */
  #obstacle: string | undefined;
  #contradiction: string | undefined;
  #freeBytes = Infinity;
  #reserveBytes: number;
  #closing: Promise<void> | undefined;

  constructor(disk: Disk, options: AuditLogOptions, recovered: Recovered) {
    const { config, signer, clock = systemClock, log = silentLogger, meter = silentMeter, store } = options;
    this.#disk = disk;
    this.#options = options;
    this.#log = log;
    this.#signer = signer;
    this.origin = signer.note.name;
    this.verifierKey = formatVerifierKey(signer.note);
    this.#reserveBytes = config.reserveBytes;
    this.#integrator = new Integrator({ disk, signer: signer.note, state: recovered.integrated, pending: recovered.pending });
    this.#commits = new GroupCommit({
      journal: new Journal(disk, recovered.repairs),
      signer: signer.note,
      config,
      clock,
      log,
      meter,
      frontier: recovered.frontier,
      owed: recovered.owed,
      obstacle: () => this.#obstacle,
      onCommitted: (committed) => this.#committed(committed),
    });
    this.#reader = createReader({
      disk,
      size: () => this.#commits.size,
      young: (index) => this.#integrator.pendingEntry(index),
    });
    this.#index =
      store && new EntryIndex({ store, logName: this.origin, log, read: (from, to) => this.#reader.forward(from, to) });
    this.#publisher = this.#createPublisher();
    this.#refusals = new Refusals({ config: config.refusals, clock, enter: (evidence) => this.#enterRefusal(evidence) });
    this.#gauges = [
      meter.gauge("modelkeep_audit_size_entries", () => this.#commits.size),
      meter.gauge("modelkeep_audit_pending_bytes", () => this.#commits.pendingBytes + this.#integrator.pendingBytes),
      meter.gauge("modelkeep_audit_accepting", () => (this.accepting().ok ? 1 : 0)),
    ];
  }

  /** Ends an outage that recovery left, catches the index up, and starts keeping house. */
  async start(): Promise<void> {
    await this.#look();
    await this.#commits.recover();
    await this.#compareWithIndex();
    await this.#integrator.sweep().catch((error: unknown) => this.#log.warn("old partial tiles could not be removed", { error }));
    void this.#housekeep(); // tiles and index may take their time; nobody needs to wait for them
    const tick = () => {
      if (this.#closing !== undefined) return;
      this.#timer = setTimeout(() => void this.#housekeep().finally(tick), this.#options.config.integrateMs).unref();
    };
    tick();
  }

  /** The index remembers how long the log once was: an inside memory, but one that whoever cuts the log must not forget. */
  async #compareWithIndex(): Promise<void> {
    const seen = await this.#index?.start(this.size).catch((error: unknown) => {
      this.#log.warn("audit index does not answer; the log itself will be searched", { error });
    });
    if (seen !== undefined && seen > this.size) {
      const detail = { indexedEntries: seen, entries: this.size };
      this.#log.error("the audit log has fewer entries than were once indexed: it was cut or put back", detail);
      await this.append({
        kind: "log.shorter-than-index",
        outcome: "failed",
        subject: { type: "log", id: this.origin },
        detail,
      }).catch(() => {});
    }
  }

  get size(): number {
    return this.#commits.size;
  }

  append(evidence: Evidence): Promise<{ index: number }> {
    return this.#commits.append(evidence);
  }

  refuse(evidence: Evidence): void {
    this.#refusals.refuse(evidence);
  }

  accepting(): { ok: true } | { ok: false; reason: string } {
    const reason = this.#commits.refusal();
    return reason === undefined ? { ok: true } : { ok: false, reason };
  }

  async search(query: AuditQuery): Promise<EvidenceEntry[]> {
    const limit = Math.max(0, Math.min(query.limit ?? defaultLimit, 10_000));
    this.#refusals.summarise();
    await this.#commits.flush();
    const found = await this.#searchIndex(query, limit);
    if (found !== undefined) return found;
    const scanned: EvidenceEntry[] = [];
    for await (const entry of this.#reader.backward(query.before ?? this.size)) {
      if (scanned.length >= limit) break;
      if (matches(entry, query)) scanned.push(entry);
    }
    return scanned;
  }

  get(index: number): Promise<EvidenceEntry | undefined> {
    return this.#reader.entry(index);
  }

  raw(index: number): Promise<Uint8Array | undefined> {
    return this.#reader.bytes(index);
  }

  async checkpoint(): Promise<string> {
    await this.#commits.flush();
    await this.#integrate();
    return this.#integrator.checkpoint;
  }

  async prove(index: number): Promise<string> {
    if ((await this.raw(index)) === undefined) {
      throw new ModelkeepError("audit/no-entry", {
        message: `the log has no entry ${index}`,
        hint: `entries are numbered from 0 to ${this.size - 1}`,
        status: 404,
        exit: 4,
      });
    }
    if (index >= this.#integrator.size) await this.checkpoint();
    const { checkpoint, size, prover } = this.#proving();
    return formatProofFile({ index, proof: await prover.inclusion(index, size), checkpoint });
  }

  async proveConsistency(oldSize: number): Promise<{ checkpoint: string; proof: string[] }> {
    const { checkpoint, size, prover } = this.#proving();
    return { checkpoint, proof: (await prover.consistency(oldSize, size)).map(toBase64) };
  }

  async *tail(options: { from?: number; signal?: AbortSignal } = {}): AsyncGenerator<EvidenceEntry> {
    const { from = this.size, signal } = options;
    let next = from;
    const over = () => signal?.aborted === true || this.#closing !== undefined;
    while (!over()) {
      const to = this.size;
      yield* this.#reader.forward(next, to);
      next = to;
      if (this.size === next) await this.#grown(signal);
    }
  }

  async *export(format: ExportFormat, query: AuditQuery = {}): AsyncGenerator<string> {
    await this.#commits.flush();
    const reader = this.#reader;
    const to = Math.min(query.before ?? this.size, this.size);
    async function* asked(): AsyncGenerator<EvidenceEntry> {
      let count = 0;
      for await (const entry of reader.forward(0, to)) {
        if (!matches(entry, query)) continue;
        if (count++ >= (query.limit ?? Infinity)) return;
        yield entry;
      }
    }
    yield* exportEntries(asked(), format);
  }

  async flush(): Promise<void> {
    this.#refusals.summarise();
    await this.#commits.flush();
    await this.#integrate();
    await this.#index?.pump();
  }

  async rebuildIndex(): Promise<void> {
    await this.#commits.flush();
    await this.#index?.rebuild();
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#housekeeping;
    for (const wake of this.#followers) wake();
    this.#refusals.summarise();
    await this.#commits.close();
    await this.#integrate()
      .then(() => this.#integrator.tidy())
      .catch((error: unknown) => this.#log.error("audit entries stay in the journal", { error }));
    await this.#publisher?.finish(this.#integrator.checkpoint);
    await this.#index
      ?.pump()
      .catch((error: unknown) => this.#log.warn("audit index is behind; it catches up at the next start", { error }));
    for (const stop of this.#gauges) stop();
  }

  #committed(committed: Committed): void {
    this.#integrator.add(committed);
    this.#index?.add(committed.records.map(({ evidence, timeMs }, i) => ({ index: committed.first + i, timeMs, evidence })));
    for (const wake of this.#followers) wake();
  }

  #enterRefusal(evidence: Evidence): boolean {
    if (this.#freeBytes < this.#reserveBytes || this.#commits.refusal() !== undefined) return false;
    // Nobody waits for it: what fails here is told by the entry that ends the outage.
    this.#commits.append(evidence).catch(() => {});
    return true;
  }

  async #searchIndex(query: AuditQuery, limit: number): Promise<EvidenceEntry[] | undefined> {
    if (this.#index === undefined) return undefined;
    const entries: EvidenceEntry[] = [];
    try {
      await this.#index.pump();
      for await (const { from, to } of this.#index.search(query)) {
        const block: EvidenceEntry[] = [];
        for await (const entry of this.#reader.forward(from, Math.min(to, query.before ?? Infinity, this.size)))
          block.push(entry);
        entries.push(...block.filter((entry) => matches(entry, query)).toReversed());
        if (entries.length >= limit) return entries.slice(0, limit);
      }
    } catch (error) {
      this.#log.warn("audit index does not answer; the log itself is searched", { error });
      return undefined;
    }
    return entries;
  }

  #proving(): { checkpoint: string; size: number; prover: Prover } {
    const checkpoint = this.#integrator.checkpoint;
    const { size } = readCheckpoint(checkpoint);
    if (this.#prover?.size !== size)
      this.#prover = { size, prover: createProver((tile) => this.#readTile(tile.level, tile.index, size), size, nativeSha256) };
    return { checkpoint, size, prover: this.#prover.prover };
  }

  /** A hash tile as wide as the tree of this size needs it; the log may have grown it meanwhile. */
  async #readTile(level: number, index: number, size: number): Promise<Uint8Array> {
    const widths = new Set([tileWidthAt(level, index, size), tileWidthAt(level, index, this.#integrator.size), tileWidth]);
    for (const width of widths) {
      const bytes = await this.#disk.read(`${paths.log}/${tilePath({ level, index, width })}`);
      if (bytes !== undefined) return bytes;
    }
    throw new ModelkeepError("audit/damaged", {
      message: `tile ${index} of level ${level} is missing`,
      hint: "run `modelkeep audit verify`",
    });
  }

  #createPublisher(): Publisher | undefined {
    const { objects, config, signer } = this.#options;
    if (objects === undefined || config.publish === undefined) return undefined;
    return new Publisher({
      objects,
      prefix: config.publish.prefix,
      signer: signer.note,
      log: this.#log,
      readTile: (tile) => this.#disk.read(`${paths.log}/${tilePath(tile)}`),
      rootAt: (size) => this.#proving().prover.root(size),
    });
  }

  #integrate(): Promise<boolean> {
    return this.#integrator.integrate(() => this.#commits.rotate());
  }

  /** Once in a while: look at key and disk, end an outage that is over, make tiles, feed the index. */
  #housekeep(): Promise<void> {
    return (this.#housekeeping ??= this.#housekeepNow().finally(() => (this.#housekeeping = undefined)));
  }

  async #housekeepNow(): Promise<void> {
    await this.#look();
    if (this.#obstacle !== undefined) this.#commits.declareOutage(this.#obstacle);
    else await this.#commits.recover();
    this.#refusals.turnWindow();
    try {
      if (!(await this.#integrate())) await this.#integrator.tidy();
    } catch (error) {
      this.#log.error("audit entries could not be put into tiles; they are safe in the journal", { error });
      // Neither another writer nor lying memory goes away by waiting: nothing more is written until somebody looked.
      if (isModelkeepError(error)) this.#contradiction = error.message;
    }
    void this.#publisher?.follow(this.#integrator.checkpoint);
    await this.#index?.pump().catch((error: unknown) => this.#log.warn("audit index is behind", { error }));
  }

  async #look(): Promise<void> {
    const behind =
      this.#integrator.pendingBytes > maxUnintegratedBytes ? "entries wait too long to be put into tiles" : undefined;
    this.#obstacle = this.#contradiction ?? (await this.#signer.check()) ?? behind;
    const space = await this.#disk.space().catch(() => undefined);
    if (space === undefined) return;
    this.#freeBytes = space.freeBytes;
    this.#reserveBytes = Math.min(this.#options.config.reserveBytes, Math.floor(space.totalBytes / 20));
  }

  /** Settles when entries became durable, the log closes or the signal ends the waiting. */
  #grown(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#followers.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      this.#followers.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
      if (signal?.aborted === true || this.#closing !== undefined) wake();
    });
  }
}
