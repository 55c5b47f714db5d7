/** What the rest of the house sees of the audit log. */

import type { Evidence, EvidenceEntry, EvidenceSink, EvidenceSource } from "../../base/evidence/index.ts";
import type { Logger, Meter } from "../../base/log/index.ts";
import type { Objects } from "../../base/objects/index.ts";
import type { Clock, Disk } from "../../base/port/index.ts";
import type { Store } from "../../base/store/index.ts";
import type { AuditConfig } from "./config.ts";
import type { ExportFormat } from "./export.ts";
import type { AuditQuery } from "./query.ts";
import type { AuditSigner } from "./signer.ts";

export interface AuditLog extends EvidenceSink, EvidenceSource {
  /** Enters a refusal of somebody without a valid credential, within what strangers may write; beyond that it is counted and summarised. Never waits. */
  refuse(evidence: Evidence): void;
  /** Whether an entry would be taken now. When not, nothing may be answered that must be logged. */
  accepting(): { readonly ok: true } | { readonly ok: false; readonly reason: string };
  search(query: AuditQuery): Promise<EvidenceEntry[]>;
  get(index: number): Promise<EvidenceEntry | undefined>;
  /** The entry's bytes, exactly as they were hashed. */
  raw(index: number): Promise<Uint8Array | undefined>;
  /** The newest checkpoint, over every entry there is: a signed note. */
  checkpoint(): Promise<string>;
  /** Proof that the entry stands in the log, as a c2sp.org/tlog-proof file. */
  prove(index: number): Promise<string>;
  /** Proof that the log now only appends to what it was at `oldSize`: the checkpoint and the hashes, base64. */
  proveConsistency(oldSize: number): Promise<{ readonly checkpoint: string; readonly proof: readonly string[] }>;
  /** Entries as they become durable, from index `from` on, until the signal ends it. */
  tail(options?: { from?: number; signal?: AbortSignal }): AsyncGenerator<EvidenceEntry>;
  /** Entries that match, oldest first, as lines of text. */
  export(format: ExportFormat, query?: AuditQuery): AsyncGenerator<string>;
  /** The public key that outsiders verify by: `name+id+key`. */
  readonly verifierKey: string;
  /** The log's name. */
  readonly origin: string;
  /** Durable entries. */
  readonly size: number;
  /** Everything entered so far, counts of refusals included, is durable and in tiles. */
  flush(): Promise<void>;
  /** Throws the index away and builds it again from the log. */
  rebuildIndex(): Promise<void>;
  close(): Promise<void>;
}

export interface AuditLogOptions {
  readonly config: AuditConfig;
  readonly signer: AuditSigner;
  /** The audit folder; made when it is not there. */
  readonly dir?: string;
  /** The same as a disk, for tests and for other places than a folder. */
  readonly disk?: Disk;
  /** Takes a copy of the log when the configuration says `publish`. */
  readonly objects?: Objects | undefined;
  /** Holds the index; without it a search reads the log. */
  readonly store?: Store | undefined;
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly meter?: Meter;
}
