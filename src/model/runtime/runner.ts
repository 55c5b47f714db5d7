import type { ModelkeepError } from "../../base/error/index.ts";
import { checkOutputs, orderInputs } from "./check-run.ts";
import { createLine } from "./line.ts";
import type { LineOptions } from "./line.ts";
import type { ModelContract, Tensor } from "../onnx/index.ts";
import { Pending } from "./pending.ts";
import type { RunResult } from "./pending.ts";
import type { Pool } from "./pool.ts";
import { cancelled, overloaded, takenDown, tooLate, unhealthy } from "./refusals.ts";
import type { RowVerdict } from "./row-probe.ts";
import type { NamedTensor } from "./session.ts";

/** How a request wants to be run. */
export interface RunnerRunOptions {
  /** Names of the outputs to compute; all by default. */
  readonly outputs?: readonly string[];
  /** When the answer stops being of use, on the monotonic clock. */
  readonly deadlineMs?: number;
  /** Gives the request up. */
  readonly signal?: AbortSignal;
  /**
   * Requests share a run only with requests of the same key: one for each tenant that must not meet another. A model that nobody
   * vouches for and whose rows are not proven to keep apart shares runs only among requests that have a key.
   */
  readonly batchKey?: string;
  /**
   * Called with the model time that was spent on this request when no answer comes of it: it was given up or its time was over while it
   * ran, or the run failed. May come after `run` has rejected.
   */
  readonly spent?: (modelMs: number) => void;
}

/** What a runner says of itself. */
export interface RunnerStats {
  readonly state: "ready" | "degraded" | "unhealthy" | "closed";
  /** Sessions wanted and sessions up. */
  readonly sessions: number;
  readonly live: number;
  readonly queuedRequests: number;
  readonly queuedRows: number;
  readonly queuedBytes: number;
  /** Requests between call and answer. */
  readonly pending: number;
  readonly runs: number;
  readonly requests: number;
  readonly rows: number;
  /** Workers that died since load. */
  readonly losses: number;
  /** Memory of the model's own processes, bytes; 0 for threads. */
  readonly processBytes: number;
  /** Execution provider. */
  readonly provider: string;
  /** Whether requests share runs, and if not why. */
  readonly batching: RowVerdict & { readonly maxRows: number };
}

/** A model that answers requests. */
export interface ModelRunner {
  /**
   * @throws runtime/bad-input, runtime/run-failed, runtime/deadline, runtime/cancelled, runtime/worker-lost, runtime/unhealthy,
   * runtime/overloaded, runtime/out-of-memory, runtime/output-too-large, runtime/run-limit, runtime/closed
   */
  run(inputs: Readonly<Record<string, Tensor>>, options?: RunnerRunOptions): Promise<RunResult>;
  /** How long a request of `rows` rows that came now would take until its answer, milliseconds; infinite while the model is unhealthy. */
  expectedWaitMs(rows?: number): number;
  readonly stats: RunnerStats;
  /** Takes nothing new, answers what is there, gives all memory back. After `patienceMs` (30 s) what is left gets `runtime/closed`. */
  close(patienceMs?: number): Promise<void>;
}

export interface RunnerOptions extends LineOptions {
  readonly contract: ModelContract;
  /** The execution provider in use, for {@link RunnerStats}. */
  readonly provider: string;
  /** The most requests, and bytes of inputs, that may wait. */
  readonly maxQueued: number;
  readonly maxQueuedBytes: number;
  /** Requests without a batch key share no run: it was tried, but not proven, that the model keeps rows apart, and nobody vouches for it. */
  readonly sharesOnlyKeyed: boolean;
  readonly onClosed: () => void;
}

/** A model that answers requests, over hosts that have it open. */
export function createRunner(options: RunnerOptions): ModelRunner {
  const { name, clock } = options;
  const line = createLine(options);
  const { queue, pool, tally } = line;
  let closing: Promise<void> | undefined;
  // A new worker of an unhealthy model gets requests: only a run can show that it is well again.
  const hopeless = (): boolean => !pool.healthy && pool.live === 0;
  const expectedWaitMs = (rows = 1): number => (closing || hopeless() ? Number.POSITIVE_INFINITY : line.expectedWaitMs(rows));

  return {
    async run(inputs, run = {}) {
      if (closing) throw takenDown(name);
      if (hopeless()) throw unhealthy(name);
      const request = pendingOf(options, inputs, { ...run, queuedAtMs: clock.monotonic() });
      if (queue.requests >= options.maxQueued || queue.bytes + request.bytes > options.maxQueuedBytes) {
        throw overloaded(name, expectedWaitMs());
      }
      line.join(request);
      return run.signal ? abortable(request, run.signal, line.refuse) : request.answer;
    },
    expectedWaitMs,
    get stats() {
      return {
        state: closing ? "closed" : stateOf(pool, options.hosts.length),
        sessions: options.hosts.length,
        live: pool.live,
        queuedRequests: queue.requests,
        queuedRows: queue.rows,
        queuedBytes: queue.bytes,
        pending: line.size,
        ...tally.total,
        losses: pool.losses,
        processBytes: pool.memoryBytes(),
        provider: options.provider,
        batching: { ...tally.rows, maxRows: line.maxRows },
      };
    },
    close(patienceMs = 30_000) {
      closing ??= line.drain(patienceMs).finally(options.onClosed);
      return closing;
    },
  };
}

function stateOf(pool: Pool, sessions: number): RunnerStats["state"] {
  if (!pool.healthy) return "unhealthy";
  return pool.live < sessions ? "degraded" : "ready";
}

/** A request that may be run, or the reason why not. */
function pendingOf(
  { contract, sharesOnlyKeyed }: RunnerOptions,
  inputs: Readonly<Record<string, Tensor>>,
  {
    outputs = [],
    deadlineMs = Number.POSITIVE_INFINITY,
    signal,
    batchKey = "",
    spent,
    queuedAtMs,
  }: RunnerRunOptions & { queuedAtMs: number },
): Pending {
  const ordered = orderInputs(inputs, contract.inputs);
  checkOutputs(outputs, contract.outputs);
  if (deadlineMs <= queuedAtMs) throw tooLate();
  if (signal?.aborted) throw cancelled(signal);
  const rows = ordered[0]?.dims[0] ?? 0;
  const alone = rows === 0 || (sharesOnlyKeyed && batchKey === "") || !ordered.every((input) => input.dims[0] === rows);
  return new Pending({
    inputs: ordered,
    outputs,
    key: groupKey(batchKey, outputs, ordered),
    alone,
    queuedAtMs,
    deadlineMs,
    spent,
  });
}

async function abortable(
  request: Pending,
  signal: AbortSignal,
  refuse: (request: Pending, error: ModelkeepError) => void,
): Promise<RunResult> {
  const onAbort = (): void => refuse(request, cancelled(signal));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await request.answer;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** INVARIANT: different (key, outputs, shapes) give different texts; a batch key that imitates the rest must not join another tenant. */
function groupKey(batchKey: string, outputs: readonly string[], inputs: readonly NamedTensor[]): string {
  // Every part that comes from outside is followed by its length, so that the text can be read back from its end in one way only.
  let key = `${batchKey}#${batchKey.length}`;
  for (const { dims } of inputs) for (let i = 1; i < dims.length; i++) key += `,${dims[i]}`;
  for (const output of outputs) key += `;${output}#${output.length}`;
  return key;
}
