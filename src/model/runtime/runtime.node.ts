import { availableParallelism } from "node:os";
import { toModelkeepError } from "../../base/error/index.ts";
import { silentLogger, silentMeter } from "../../base/log/index.ts";
import type { Logger, Meter } from "../../base/log/index.ts";
import { systemClock } from "../../base/port/index.ts";
import type { Clock } from "../../base/port/index.ts";
import { allocate } from "./allocate.node.ts";
import { checkExternalData } from "./external.ts";
import type { Host, HostOpenOptions } from "./host.ts";
import { createHosts } from "./hosts.node.ts";
import type { HostNeeds, Hosts, Isolation } from "./hosts.node.ts";
import type { IsolationReport } from "./isolation-report.node.ts";
import { probeLoad } from "./load-probe.node.ts";
import { readModel } from "../onnx/index.ts";
import type { ModelContract } from "../onnx/index.ts";
import { sessionClosed } from "./refusals.ts";
import { probeRows } from "./row-probe.ts";
import { proveRows } from "./row-proof.ts";
import type { RowProof } from "./row-proof.ts";
import type { RunOnce } from "./row-probe.ts";
import { createRunner } from "./runner.ts";
import type { ModelRunner } from "./runner.ts";

/** How requests share runs. */
export interface BatchingOptions {
  /** False: each request runs alone. */
  readonly enabled?: boolean;
  /** The most rows of a shared run; the contract's largest batch unless said otherwise. A single request may have more. */
  readonly maxRows?: number;
  /** The longest that a free worker waits for more rows under load. Default 5. */
  readonly maxDelayMs?: number;
}

/** A model to load. */
export interface LoadOptions {
  /** For log, metrics and messages: `digits/1`. */
  readonly name: string;
  /** The model file. Kept, because a worker that dies is replaced. */
  readonly bytes: Uint8Array;
  readonly contract: ModelContract;
  /** `worker` (threads of this process) only for models that somebody vouches for; `process` for all others. */
  readonly isolation: Isolation;
  /** How many sessions answer side by side. Default: see {@link RuntimeOptions.cores}. */
  readonly sessions?: number;
  readonly batching?: BatchingOptions;
  /** What the model may allocate while loading, and in a process also while running. Default 512 MiB and four times the file. */
  readonly memoryBytes?: number;
  /** The bytes of each data file the model names, by the location written in the model. */
  readonly externalData?: ReadonlyMap<string, Uint8Array>;
  /** Execution providers in order of preference; `cpu` by default. */
  readonly providers?: readonly string[];
  /** How long each load of the model may take. Default 60 s. */
  readonly loadTimeoutMs?: number;
  /** How long a run may take before its worker is given up. Default 60 s. */
  readonly runTimeoutMs?: number;
  /** The most bytes of the outputs of one run. Default 256 MiB. */
  readonly maxOutputBytes?: number;
  /** The most requests, and bytes of their inputs, that may wait. Default 10,000 and 512 MiB. */
  readonly maxQueued?: number;
  readonly maxQueuedBytes?: number;
}

/** Loads models and runs them outside this thread. */
export interface Runtime {
  /**
   * Tries the model in a caged process, then opens its sessions.
   * @throws runtime/load-refused, runtime/load-limit, runtime/external-data, runtime/contract-mismatch, runtime/unsupported-type,
   * runtime/no-provider, runtime/not-installed, and what `readModel` throws
   */
  load(options: LoadOptions): Promise<ModelRunner>;
  /** Which caps hold for the processes of models that nobody vouches for. */
  isolationReport(): Promise<IsolationReport>;
  /** Closes all runners: see {@link ModelRunner.close}. */
  close(patienceMs?: number): Promise<void>;
}

export interface RuntimeOptions {
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly meter?: Meter;
  /** Cores to plan for; those of the machine by default. One is left to the thread that serves, the others get a session each. */
  readonly cores?: number;
}

const mib = 2 ** 20;
/** A shared run holds at most this much input, unless a single request has more. */
const sharedRunBytes = 16 * mib;
const mostSessions = 8;

/**
 * @example
 * const runtime = createRuntime({ log });
 * const digits = await runtime.load({ name: "digits", bytes, contract: contractOf(readModel(bytes)), isolation: "process" });
 * const { outputs, modelMs } = await digits.run({ input });
 * await runtime.close();
 */
export function createRuntime(options: RuntimeOptions = {}): Runtime {
  const { clock = systemClock, log = silentLogger, meter = silentMeter, cores = availableParallelism() } = options;
  const hosts = createHosts();
  const runners = new Set<ModelRunner>();
  let closing = false;

  async function load(model: LoadOptions): Promise<ModelRunner> {
    if (closing) throw sessionClosed();
    const { name, bytes, contract, isolation, batching = {}, runTimeoutMs = 60_000 } = model;
    checkExternalData(bytes, model.externalData);
    const sessions = model.sessions ?? Math.max(1, Math.min(mostSessions, cores - 1));
    const memoryBytes = model.memoryBytes ?? 512 * mib + 4 * bytes.byteLength;
    const open = openOptions(model, Math.max(1, Math.floor(cores / sessions)));
    const info = await probeLoad({ hosts, bytes, contract, open, memoryBytes });
    const openOne = (): Promise<Host> => openHost(hosts, bytes, { ...open, isolation, memoryBytes });
    const opened = await openAll(openOne, sessions);
    const run: RunOnce = (inputs) => opened[0]!.run(inputs, { outputs: [], timeoutMs: runTimeoutMs });
    const rows = batching.enabled === false ? switchedOff : await probeRows(contract, proofOf(bytes), run);
    log.info("model loaded", { model: name, isolation, sessions, provider: info.provider, absent: info.absent, batching: rows });

    const runner = createRunner({
      name,
      contract,
      provider: info.provider,
      hosts: opened,
      open: openOne,
      rows,
      sharesOnlyKeyed: isolation === "process" && rows.independent && !rows.proven,
      maxRows: batching.maxRows ?? contract.maxBatch,
      maxBytes: sharedRunBytes,
      maxDelayMs: batching.maxDelayMs ?? 5,
      maxQueued: model.maxQueued ?? 10_000,
      maxQueuedBytes: model.maxQueuedBytes ?? 512 * mib,
      runTimeoutMs,
      allocate,
      clock,
      log,
      meter,
      onClosed: () => runners.delete(runner),
    });
    runners.add(runner);
    return runner;
  }

  return {
    load,
    isolationReport: () => hosts.report(),
    async close(patienceMs) {
      closing = true;
      await Promise.all([...runners].map((runner) => runner.close(patienceMs)));
    },
  };
}

/** A model whose shapes cannot even be inferred is one that nothing is proven of. */
function proofOf(bytes: Uint8Array): RowProof {
  try {
    return proveRows(readModel(bytes));
  } catch (error) {
    return { proven: false, at: toModelkeepError(error).code };
  }
}

const switchedOff = { independent: false, reason: "switched off" } as const;

function openOptions(model: LoadOptions, threads: number): HostOpenOptions {
  return {
    threads,
    optimisation: "all",
    providers: model.providers ?? ["cpu"],
    timeoutMs: model.loadTimeoutMs ?? 60_000,
    maxOutputBytes: model.maxOutputBytes ?? 256 * mib,
    ...(model.externalData && { externalData: model.externalData }),
  };
}

async function openHost(hosts: Hosts, bytes: Uint8Array, options: HostOpenOptions & HostNeeds): Promise<Host> {
  const { isolation, memoryBytes, ...open } = options;
  const host = await hosts.start({ isolation, memoryBytes, maxOutputBytes: open.maxOutputBytes });
  try {
    await host.open(bytes, open);
    return host;
  } catch (error) {
    void host.kill();
    throw error;
  }
}

/** All or none. */
async function openAll(openOne: () => Promise<Host>, count: number): Promise<Host[]> {
  const results = await Promise.allSettled(Array.from({ length: count }, openOne));
  const hosts = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failure = results.find((result) => result.status === "rejected");
  if (!failure) return hosts;
  for (const host of hosts) void host.kill();
  throw failure.reason;
}
