/** The line of requests before a model, and what moves it: queue, deadlines, hosts, and the dispatcher between them. */
import type { ModelkeepError } from "../../base/error/index.ts";
import type { Meter } from "../../base/log/index.ts";
import { createBatchRun } from "./batch-run.ts";
import type { BatchRunOptions, RunFacts } from "./batch-run.ts";
import { createDeadlines } from "./deadlines.ts";
import { createDispatch } from "./dispatch.ts";
import { createEstimate } from "./estimate.ts";
import { createGather } from "./gather.ts";
import type { Pending } from "./pending.ts";
import { createPool } from "./pool.ts";
import type { Pool, PoolOptions } from "./pool.ts";
import { createQueue } from "./queue.ts";
import type { Queue, RunLimits } from "./queue.ts";
import { takenDown, tooLate, unhealthy } from "./refusals.ts";
import type { RowVerdict } from "./row-probe.ts";
import { within } from "./within.ts";

export interface LineOptions
  extends Pick<PoolOptions, "hosts" | "open" | "name" | "log">, Pick<BatchRunOptions, "runTimeoutMs" | "allocate" | "clock"> {
  /** Whether requests may share a run, as found at load. */
  readonly rows: RowVerdict;
  /** The most that a shared run may hold. */
  readonly maxRows: number;
  readonly maxBytes: number;
  /** The longest wait for more rows. */
  readonly maxDelayMs: number;
  readonly meter: Meter;
}

export interface Line {
  readonly queue: Queue<Pending>;
  readonly pool: Pool;
  readonly tally: Tally;
  /** Requests between call and answer. */
  readonly size: number;
  /** Rows that a run may hold now; 1 when nobody shares. */
  readonly maxRows: number;
  join(request: Pending): void;
  /** Takes a request out, with the reason, unless it has its answer. */
  refuse(request: Pending, error: ModelkeepError): void;
  expectedWaitMs(rows: number): number;
  /** Answers who is in line, for at most `patienceMs`, then ends everything. */
  drain(patienceMs: number): Promise<void>;
}

export function createLine(options: LineOptions): Line {
  const { name, clock } = options;
  const queue = createQueue<Pending>();
  const estimate = createEstimate();
  const gather = createGather(options.maxDelayMs);
  const tally = createTally(options);
  const live = createDeadlines<Pending>(clock, (request) => refuse(request, tooLate()));
  const pool = createPool({
    ...options,
    onIdle: () => dispatch.start(),
    onUnhealthy: () => {
      for (const request of live.all()) if (!request.running) refuse(request, unhealthy(name));
    },
  });
  const limits = (): RunLimits => ({ rows: tally.rows.independent ? options.maxRows : 1, bytes: options.maxBytes });
  const run = createBatchRun({
    ...options,
    settled: leave,
    again,
    ran(facts) {
      estimate.observe(facts.rows, facts.tookMs);
      tally.ran(facts);
    },
    mixesRows: tally.mixesRows,
  });
  const dispatch = createDispatch({ queue, pool, estimate, gather, clock, limits, run });
  const stopGauges = gauges(options, queue, pool);
  let onEmpty: (() => void) | undefined;

  function leave(request: Pending): void {
    live.remove(request);
    if (live.size === 0) onEmpty?.();
  }

  function refuse(request: Pending, error: ModelkeepError): void {
    if (request.settled) return;
    if (!request.running) queue.drop(request);
    request.reject(error);
    leave(request);
  }

  /** Back into the line, alone from now on: a neighbour took the host along before it was tried. */
  function again(request: Pending): void {
    request.alone = true;
    request.running = false;
    queue.push(request.key, request);
  }

  return {
    queue,
    pool,
    tally,
    get size() {
      return live.size;
    },
    get maxRows() {
      return limits().rows;
    },
    join(request) {
      queue.push(request.key, request);
      live.add(request);
      gather.arrived(request.rows, request.queuedAtMs);
      if (pool.idle > 0) dispatch.wake();
    },
    refuse,
    expectedWaitMs(rows) {
      const perRun = Math.min(limits().rows, queue.rows + rows);
      const waitingMs = (queue.rows / perRun) * estimate.runMs(perRun);
      return (dispatch.remainingMs() + waitingMs) / Math.max(1, pool.live) + estimate.runMs(rows);
    },
    async drain(patienceMs) {
      const untilMs = clock.monotonic() + patienceMs;
      if (live.size > 0) await within(patienceMs, new Promise<void>((resolve) => (onEmpty = resolve)));
      for (const request of live.all()) refuse(request, takenDown(name));
      dispatch.close();
      live.close();
      for (const stop of stopGauges) stop();
      await pool.close(Math.max(500, untilMs - clock.monotonic()));
    },
  };
}

/** Counts, and whether rows may share a run. */
export interface Tally {
  readonly rows: RowVerdict;
  readonly total: { readonly runs: number; readonly requests: number; readonly rows: number };
  ran(facts: RunFacts): void;
  mixesRows(): void;
}

function createTally({ name, rows: atLoad, meter, log }: LineOptions): Tally {
  const labels = { model: name };
  let verdict = atLoad;
  let total = { runs: 0, requests: 0, rows: 0 };
  return {
    get rows() {
      return verdict;
    },
    get total() {
      return total;
    },
    ran({ requests, rows, ms, queuedMs }) {
      total = { runs: total.runs + 1, requests: total.requests + requests, rows: total.rows + rows };
      meter.observe("modelkeep_runtime_run_seconds", ms / 1000, labels);
      meter.observe("modelkeep_runtime_queue_seconds", queuedMs / 1000, labels);
      meter.observe("modelkeep_runtime_run_rows", rows, labels);
    },
    mixesRows() {
      log.error("a model mixes the rows of a batch; its requests no longer share runs", labels);
      verdict = { independent: false, reason: "a run did not give one row for each input row" };
    },
  };
}

function gauges({ name, meter }: LineOptions, queue: Queue<Pending>, pool: Pool): (() => void)[] {
  const labels = { model: name };
  return [
    meter.gauge("modelkeep_runtime_queued_rows", () => queue.rows, labels),
    meter.gauge("modelkeep_runtime_sessions_live", () => pool.live, labels),
    meter.gauge("modelkeep_runtime_process_bytes", () => pool.memoryBytes(), labels),
  ];
}
