import { Worker } from "node:worker_threads";
import type { Severity } from "../../../base/finding/index.ts";
import { workerEntry } from "../../../base/port/index.node.ts";

export interface ScanQuestion {
  readonly id: number;
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ScanAnswer {
  readonly id: number;
  /** The same memory, back again. */
  readonly bytes: Uint8Array;
  readonly findings: readonly { readonly rule: string; readonly severity: Severity; readonly message: string }[];
  /** True when something in there could not be parsed to its end. */
  readonly failed: boolean;
}

/** Scans files in a thread of its own, which is there only while it has something to do. */
export interface ScanThread {
  /** Starts the thread before it is needed: it loads its rules while others wait for a disk. */
  warm(): void;
  /**
   * Takes the bytes' memory, which the answer gives back.
   * @throws Error when the thread ends or is silent for too long
   */
  scan(name: string, bytes: Uint8Array): Promise<ScanAnswer>;
}

/** No file takes this long; a rule that hangs must not hold up every model after it. */
const patienceMs = 600_000;
const idleMs = 10_000;

// One thread serves every gate of the process: loading its rules costs half a second of a core, and two would only share the cores.
const shared = createScanThread();

export function scanThread(): ScanThread {
  return shared;
}

function createScanThread(): ScanThread {
  const waiting = new Map<number, { resolve(answer: ScanAnswer): void; reject(error: Error): void; timer: NodeJS.Timeout }>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let asked = 0;

  const end = (error: Error): void => {
    const ended = worker;
    worker = undefined;
    clearTimeout(idle);
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    waiting.clear();
    void ended?.terminate();
  };

  const start = (): Worker => {
    clearTimeout(idle);
    if (worker !== undefined) return worker;
    const started = new Worker(workerEntry(import.meta.url, "./scan-entry.node.ts"), {
      name: "modelkeep-scan",
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
    });
    started.unref();
    started.on("message", (answer: ScanAnswer) => {
      const one = waiting.get(answer.id);
      waiting.delete(answer.id);
      clearTimeout(one?.timer);
      if (waiting.size === 0) rest();
      one?.resolve(answer);
    });
    // What a thread that was left behind says no longer counts.
    started.on("error", (error) => worker === started && end(error));
    started.on("exit", () => worker === started && end(new Error("the thread ended")));
    return (worker = started);
  };

  const rest = (): void => {
    clearTimeout(idle);
    idle = setTimeout(() => end(new Error("the thread was idle")), idleMs).unref();
  };

  return {
    warm: () => {
      start();
      rest();
    },
    scan: (name, bytes) =>
      new Promise((resolve, reject) => {
        const id = asked++;
        const timer = setTimeout(() => end(new Error(`the scan took more than ${patienceMs} ms`)), patienceMs);
        waiting.set(id, { resolve, reject, timer });
        start().postMessage({ id, name, bytes } satisfies ScanQuestion, [bytes.buffer as ArrayBuffer]);
      }),
  };
}
