// The faces of the rooms that are still being built, as agreed. Each line goes when its room lands.
import type { EvidenceSink, EvidenceSource, Evidence } from "../../base/evidence/index.ts";

import type { ModelContract, Tensor } from "../../model/onnx/index.ts";
export type { ModelContract, Tensor };
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
    externalData?: ReadonlyMap<string, Uint8Array>;
  }): Promise<ModelRunner>;
  close(): Promise<void>;
}

export interface AuditLog extends EvidenceSink, EvidenceSource {
  refuse(evidence: Evidence): void | Promise<void>;
  accepting(): { readonly ok: true } | { readonly ok: false; readonly reason: string };
}
