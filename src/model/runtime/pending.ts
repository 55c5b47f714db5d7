import type { ModelkeepError } from "../../base/error/index.ts";
import type { Tensor } from "../onnx/index.ts";
import { toRecord } from "./ort.ts";
import type { Timed } from "./deadlines.ts";
import type { Waiting } from "./queue.ts";
import type { NamedTensor } from "./session.ts";

/** What a request gets. */
export interface RunResult {
  readonly outputs: Record<string, Tensor>;
  /** Time inside ONNX Runtime that falls to this request: the run's, by its share of the rows. */
  readonly modelMs: number;
  /** From the call to the start of the run. */
  readonly queueMs: number;
  /** Rows of the run it was part of, its own included. */
  readonly batchRows: number;
}

export interface PendingOptions {
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly string[];
  /** Requests with the same key may share a run. */
  readonly key: string;
  readonly alone: boolean;
  readonly queuedAtMs: number;
  readonly deadlineMs: number;
  /** Told of model time that was spent on it without an answer coming of it. */
  readonly spent?: ((modelMs: number) => void) | undefined;
}

/** A request from the call to its answer. */
export class Pending implements Waiting, Timed {
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly string[];
  readonly key: string;
  readonly queuedAtMs: number;
  readonly deadlineMs: number;
  readonly rows: number;
  readonly bytes: number;
  readonly answer: Promise<RunResult>;
  readonly spent: (modelMs: number) => void;
  alone: boolean;
  settled = false;
  /** Between take and answer. */
  running = false;
  #resolve!: (result: RunResult) => void;
  #reject!: (error: ModelkeepError) => void;

  constructor(options: PendingOptions) {
    this.inputs = options.inputs;
    this.outputs = options.outputs;
    this.key = options.key;
    this.alone = options.alone;
    this.queuedAtMs = options.queuedAtMs;
    this.deadlineMs = options.deadlineMs;
    this.spent = options.spent ?? nobody;
    // Zero rows and models without a batch count as one: they cost a run all the same.
    this.rows = options.alone ? 1 : Math.max(1, this.inputs[0]?.dims[0] ?? 1);
    this.bytes = this.inputs.reduce((sum, input) => sum + input.data.byteLength, 0);
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  resolve(outputs: readonly NamedTensor[], facts: Omit<RunResult, "outputs">): void {
    this.settled = true;
    this.#resolve({ outputs: toRecord(outputs), ...facts });
  }

  reject(error: ModelkeepError): void {
    this.settled = true;
    this.#reject(error);
  }
}

function nobody(): void {}
