/**
 * What everything that matters leaves behind. Rooms write through {@link EvidenceSink}; `guard/audit` implements it as an
 * append-only signed log, and reports, the console and compliance read back through {@link EvidenceSource}.
 * An entry never holds a secret, and of tensors it holds names, types, shapes and salted commitments, never values.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Who acted: each part is present when it is known. */
export interface Actor {
  readonly principal?: string;
  /** The credential's id, never the credential. */
  readonly credential?: string;
  /** Client address, as resolved behind trusted proxies. */
  readonly address?: string;
}

/** What was acted on. `digest` is `sha256:<hex>` of its bytes where it has bytes. */
export interface Subject {
  readonly type: "model" | "key" | "principal" | "policy" | "config" | "ban" | "log" | "service" | "dataset" | "workload";
  readonly id: string;
  readonly version?: string;
  readonly digest?: string;
}

/** A measured number, with how many trials stand behind it and the interval they allow. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit?: string;
  readonly n?: number;
  /** Lower and upper bound, and the confidence level they hold at. */
  readonly interval?: { readonly low: number; readonly high: number; readonly level: number };
}

export type Outcome =
  /** The request was served, the act was done. */
  | "done"
  /** Policy, credential or contract said no. */
  | "denied"
  /** A rate, size or cost limit said not now. */
  | "limited"
  /** It was allowed and broke. */
  | "failed";

/** One thing that happened. The log adds index and time. */
export interface Evidence {
  /** `area.event`, for example `inference.answered`, `request.refused`, `key.created`, `ban.set`. */
  readonly kind: string;
  readonly outcome: Outcome;
  readonly actor?: Actor;
  /** The action that was asked for, in the words of the policy (`infer`, `manageKeys`, …). */
  readonly action?: string;
  readonly subject?: Subject;
  /** Error code of a refusal or failure. */
  readonly code?: string;
  /** The request's id, which the client got too. */
  readonly requestId?: string;
  readonly figures?: readonly Figure[];
  readonly seed?: number;
  /** Versions of what produced it: `{ modelkeep: "0.1.0", onnxruntime: "1.30.0" }`. */
  readonly versions?: { readonly [name: string]: string };
  /** The command that makes it again. */
  readonly replay?: string;
  readonly detail?: { readonly [key: string]: Json };
}

/** Where an entry stands in the log. */
export interface Receipt {
  /** 0-based index of the leaf. */
  readonly index: number;
}

/** Takes evidence. The promise settles when the entry is as durable as the sink promises; it rejects when it is not. */
export interface EvidenceSink {
  append(evidence: Evidence): Promise<Receipt>;
}

/** An entry as it stands in the log. */
export interface EvidenceEntry {
  readonly index: number;
  /** Wall clock at acceptance, milliseconds since the epoch. */
  readonly timeMs: number;
  readonly evidence: Evidence;
}

/** Every field narrows; times are inclusive milliseconds. Newest first. */
export interface EvidenceQuery {
  readonly kind?: string;
  readonly principal?: string;
  readonly model?: string;
  readonly address?: string;
  readonly outcome?: Outcome;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit?: number;
  /** Only entries with a smaller index: the way to the next page. */
  readonly before?: number;
}

/** Reads evidence back. */
export interface EvidenceSource {
  search(query: EvidenceQuery): Promise<EvidenceEntry[]>;
  get(index: number): Promise<EvidenceEntry | undefined>;
}
