/** One run for one or several requests: their rows together in, each its own rows out. */
import { ModelkeepError, toModelkeepError } from "../../base/error/index.ts";
import type { Clock } from "../../base/port/index.ts";
import type { Host } from "./host.ts";
import type { Pending } from "./pending.ts";
import { copyTensors, joinRows, splitRows } from "./rows.ts";
import type { Allocate } from "./rows.ts";
import type { NamedTensor } from "./session.ts";

/** What one run came to. */
export interface RunFacts {
  readonly requests: number;
  readonly rows: number;
  /** Inside ONNX Runtime. */
  readonly ms: number;
  /** From sending to receiving. */
  readonly tookMs: number;
  /** How long the oldest request had waited. */
  readonly queuedMs: number;
}

export interface BatchRunOptions {
  readonly runTimeoutMs: number;
  readonly allocate: Allocate;
  readonly clock: Clock;
  /** A request has its answer or its error. */
  readonly settled: (request: Pending) => void;
  /** Puts a request back into the queue. */
  readonly again: (request: Pending) => void;
  readonly ran: (facts: RunFacts) => void;
  /** The model turned out to mix rows after all. */
  readonly mixesRows: () => void;
}

type Answer = { readonly outputs: readonly NamedTensor[]; readonly ms: number };

/** Gives a function that runs requests on a host and settles each of them; it never rejects. */
export function createBatchRun(options: BatchRunOptions): (host: Host, batch: readonly Pending[]) => Promise<void> {
  const { clock, allocate, runTimeoutMs } = options;

  async function runBatch(host: Host, batch: readonly Pending[]): Promise<void> {
    const startedMs = clock.monotonic();
    const answer = await ask(host, batch);
    const tookMs = clock.monotonic() - startedMs;
    if (answer instanceof ModelkeepError) return failed(host, batch, answer, tookMs);
    const rowCounts = batch.map((request) => request.rows);
    const rows = rowCounts.reduce((sum, count) => sum + count, 0);
    options.ran({ requests: batch.length, rows, ms: answer.ms, tookMs, queuedMs: startedMs - batch[0]!.queuedAtMs });
    const parts = batch.length === 1 ? [answer.outputs] : splitRows(answer.outputs, rowCounts);
    if (!parts) {
      // The probe at load saw one row out for each row in, and these inputs proved it wrong. Nobody gets a guess.
      options.mixesRows();
      return runAlone(host, batch);
    }
    // A hostile process may tell any time; it cannot have computed longer than it was away.
    const ms = Math.min(answer.ms, tookMs);
    for (const [i, request] of batch.entries()) {
      const modelMs = (ms * request.rows) / rows;
      if (request.settled) {
        request.spent(modelMs);
        continue;
      }
      const queueMs = startedMs - request.queuedAtMs;
      request.resolve(parts[i]!, { modelMs, queueMs, batchRows: rows });
      options.settled(request);
    }
  }

  async function ask(host: Host, batch: readonly Pending[]): Promise<Answer | ModelkeepError> {
    const { outputs } = batch[0]!;
    try {
      return await host.run(inputsOf(host, batch), { outputs, timeoutMs: runTimeoutMs });
    } catch (error) {
      return toModelkeepError(error);
    }
  }

  function inputsOf(host: Host, batch: readonly Pending[]): readonly NamedTensor[] {
    const inputs = batch.map((request) => request.inputs);
    if (inputs.length > 1) return joinRows(inputs, allocate);
    return host.takesMemory ? copyTensors(inputs[0]!, allocate) : inputs[0]!;
  }

  function failed(host: Host, batch: readonly Pending[], error: ModelkeepError, tookMs: number): Promise<void> | void {
    // INVARIANT: a row that makes a run fail fails alone. Only when the host died with the run nobody can tell whose row it was.
    if (batch.length > 1 && !host.isLost) return runAlone(host, batch);
    for (const request of batch) {
      request.spent(tookMs / batch.length);
      if (request.settled) continue;
      request.reject(error);
      options.settled(request);
    }
  }

  async function runAlone(host: Host, batch: readonly Pending[]): Promise<void> {
    for (const request of batch) {
      if (request.settled) continue;
      if (host.isLost) options.again(request);
      else await runBatch(host, [request]);
    }
  }

  return runBatch;
}
