/**
 * Tables whose decoding takes time, and whose decoders other people wrote: they run in a thread of their own, a few blocks ahead of who
 * reads them, with a bound on their memory and on how long a block may take. A hostile file costs that thread and nothing else.
 */

import { Worker } from "node:worker_threads";
import { ModelkeepError } from "../../../base/error/index.ts";
import { workerEntry } from "../../../base/port/index.node.ts";
import { malformed, tooLarge } from "../refuse.ts";
import type { Table } from "../table/table.ts";
import type { FromWorker, TableJob, ToWorker } from "./messages.ts";

/** Blocks decoded ahead, so that the reader never waits for a decoder that is as fast as it is. */
const ahead = 4;

export interface WorkerLimits {
  /** Memory for decoded values; 4 GiB. */
  readonly memoryMiB?: number;
  /** Longest time until the next block; 120 seconds. */
  readonly patienceMs?: number;
}

/**
 * @throws data/too-large when a bound is met, and what the format throws
 */
export function tableInWorker(path: string, format: TableJob["format"], limits: WorkerLimits = {}): Table {
  return {
    name: path,
    unit: "row",
    async columns() {
      for await (const message of answers({ path, format }, limits)) if (message.kind === "columns") return message.columns;
      throw malformed(path, "it has no columns");
    },
    async *rows(columns) {
      for await (const message of answers({ path, format, columns }, limits)) if (message.kind === "rows") yield message.rows;
    },
  };
}

async function* answers(job: TableJob, { memoryMiB = 4096, patienceMs = 120_000 }: WorkerLimits): AsyncGenerator<FromWorker> {
  const worker = new Worker(workerEntry(import.meta.url, "./table-entry.node.ts"), {
    name: "modelkeep-table",
    workerData: job,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMiB, maxYoungGenerationSizeMb: 64 },
  });
  const arrived: FromWorker[] = [];
  let lost: unknown;
  let wake: () => void = () => undefined;
  worker.on("message", (message: FromWorker) => {
    arrived.push(message);
    wake();
  });
  worker.on("error", (cause) => {
    lost = cause;
    wake();
  });
  worker.on("exit", () => {
    lost ??= new Error("the thread ended");
    wake();
  });
  const more = (count: number): void => worker.postMessage({ more: count } satisfies ToWorker);
  more(ahead);
  try {
    for (;;) {
      if (arrived.length === 0 && lost === undefined) await withPatience((ready) => void (wake = ready), patienceMs, job.path);
      const message = arrived.shift();
      if (message === undefined) throw refusal(job.path, lost);
      if (message.kind === "end") return;
      if (message.kind === "failed") throw rebuilt(message);
      yield message;
      if (message.kind === "columns") return;
      more(1);
    }
  } finally {
    await worker.terminate();
  }
}

async function withPatience(wait: (ready: () => void) => void, patienceMs: number, path: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const refuse = (): void =>
      reject(tooLarge(path, `its next rows took longer than ${patienceMs / 1000} seconds to decode`, "write smaller row groups"));
    timer = setTimeout(refuse, patienceMs);
  });
  try {
    await Promise.race([new Promise<void>(wait), late]);
  } finally {
    clearTimeout(timer);
  }
}

function refusal(path: string, lost: unknown): ModelkeepError {
  const code = (lost as { code?: unknown } | undefined)?.code;
  if (code !== "ERR_WORKER_OUT_OF_MEMORY") return malformed(path, "its decoder broke off");
  return tooLarge(path, "its rows take more memory than may be used", "write row groups of fewer rows");
}

function rebuilt({ code, message, hint, status, exit }: FromWorker & { kind: "failed" }): ModelkeepError {
  return new ModelkeepError(code, { message, status, exit, ...(hint === undefined ? {} : { hint }) });
}
