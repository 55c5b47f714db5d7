// The faces of the rooms that are still being built, as agreed. Each line goes when its room lands.
import type { EvidenceSink, EvidenceSource, Evidence } from "../../base/evidence/index.ts";

export type ElementType = string;
export interface Tensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: Uint8Array;
  readonly strings?: readonly string[];
}
export interface TensorSpec {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string | null)[];
  readonly min?: number;
  readonly max?: number;
  readonly allowed?: readonly (number | string)[];
  readonly allowNonFinite?: boolean;
}
export interface ModelContract {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly batch: "dynamic" | "fixed" | "none";
  readonly maxBatch: number;
}
export interface RunResult {
  readonly outputs: Record<string, Tensor>;
  readonly modelMs: number;
  readonly queueMs: number;
  readonly batchRows: number;
}
export interface ModelRunner {
  run(
    inputs: Readonly<Record<string, Tensor>>,
    options?: { outputs?: readonly string[]; deadlineMs?: number; signal?: AbortSignal; batchKey?: string },
  ): Promise<RunResult>;
  expectedWaitMs(rows?: number): number;
  readonly stats: unknown;
  close(): Promise<void>;
}
export interface Runtime {
  load(options: {
    name: string;
    bytes: Uint8Array;
    contract: ModelContract;
    isolation: "worker" | "process";
    sessions?: number;
    memoryBytes?: number;
  }): Promise<ModelRunner>;
  close(): Promise<void>;
}

export type Verdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: "firewall/blocked" | "firewall/banned" | "firewall/limited" | "firewall/too-many-connections";
      readonly reason: string;
      readonly retryAfterSeconds?: number;
    };
export interface Who {
  readonly address: string;
  readonly principal?: string;
  readonly model?: string;
}
export interface Cost {
  readonly requests?: number;
  readonly rows?: number;
  readonly bytes?: number;
  readonly modelMs?: number;
}
export type Irregularity = "bad-credential" | "shape-probe" | "flood" | "protocol-abuse" | "forbidden";
export interface Firewall {
  clientAddress(peer: string, headers: { readonly [name: string]: string | string[] | undefined }): string;
  connect(address: string): Verdict & { release?(): void };
  admit(address: string): Verdict;
  charge(who: Who, cost: Cost): Verdict;
  settle(who: Who, cost: Cost): void;
  observe(who: Who, event: Irregularity): void;
}

export interface Caller {
  readonly principal: string;
  readonly credential: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
}
export type Authentication =
  | { readonly ok: true; readonly caller: Caller }
  | {
      readonly ok: false;
      readonly code: "access/no-credential" | "access/bad-credential" | "access/expired-credential" | "access/foreign-network";
    };
export type Action = "infer" | "readMetadata" | "readServer" | "readMetrics";
export type Resource =
  | { readonly type: "model"; readonly name: string; readonly version?: string }
  | { readonly type: "service" };
export interface Decision {
  readonly allowed: boolean;
  readonly policies: readonly string[];
  readonly digest: string;
  readonly cached: boolean;
}
export interface Access {
  authenticate(authorization: string | undefined, address: string): Authentication | Promise<Authentication>;
  authorize(caller: Caller, action: Action, resource: Resource, context: { address: string }): Decision;
}

export interface AuditLog extends EvidenceSink, EvidenceSource {
  refuse(evidence: Evidence): void | Promise<void>;
  accepting(): { readonly ok: true } | { readonly ok: false; readonly reason: string };
}
