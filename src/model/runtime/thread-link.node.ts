import { Worker } from "node:worker_threads";
import { ModelkeepError } from "../../base/error/index.ts";
import { workerEntry } from "../../base/port/index.node.ts";
import type {} from "./errors.ts";
import type { Frame } from "./frame.ts";
import type { Link, LinkEvents } from "./link.ts";
import { threadFlags, threadStop } from "./thread-flags.ts";

/** How long `process.exit` may be held up by runs in progress. */
const exitPatienceMs = 5000;

// The end of the process is one event for all threads in it, so this set and its one listener belong to the module.
const running = new Set<Int32Array<SharedArrayBuffer>>();

/** Starts a worker thread of this process: cheap and fast, for models that are trusted. A native crash in it takes the process along. */
export function startThread(events: LinkEvents): Link {
  const flags = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(workerEntry(import.meta.url, "./thread-entry.node.ts"), {
    name: "modelkeep-session",
    workerData: flags.buffer,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16 },
  });
  let ended = false;
  guardExit(flags);

  const lose = (cause: unknown): void => {
    if (ended) return;
    ended = true;
    events.lost(threadLost(cause));
  };
  const gone = new Promise<void>((resolve) => {
    worker.once("exit", () => {
      unguardExit(flags);
      lose(new Error("the thread ended"));
      resolve();
    });
  });
  worker.on("message", (frame: Frame) => {
    if (!ended) events.frame(frame);
  });
  worker.on("error", lose);
  worker.on("messageerror", lose);

  return {
    gone,
    takesMemory: true,
    send(frame) {
      if (frame.kind === "close") ended = true;
      worker.postMessage(frame, frame.kind === "run" || frame.kind === "write" ? ownBuffers(frame) : []);
    },
    kill() {
      ended = true;
      Atomics.store(flags, threadFlags.stop, threadStop.closing);
      worker.postMessage({ kind: "close", id: 0, ms: 0, text: "", tensors: [] } satisfies Frame);
    },
  };
}

/** Memory that was made for this frame travels by transfer; a view into something larger is copied. */
function ownBuffers(frame: Frame): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of frame.tensors) {
    const whole = data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength;
    if (whole && data.byteLength > 0) buffers.add(data.buffer as ArrayBuffer);
  }
  return [...buffers];
}

const threadLost = (cause: unknown): ModelkeepError =>
  new ModelkeepError("runtime/worker-lost", {
    message: "the worker thread that ran the model died",
    hint: "try again; the worker is being replaced",
    status: 503,
    retryAfterSeconds: 1,
    cause,
  });

function guardExit(flags: Int32Array<SharedArrayBuffer>): void {
  if (running.size === 0) process.on("exit", holdExit);
  running.add(flags);
}

function unguardExit(flags: Int32Array<SharedArrayBuffer>): void {
  running.delete(flags);
  if (running.size === 0) process.off("exit", holdExit);
}

/** No thread enters ONNX Runtime any more, and those inside come out: else the exit ends in SIGABRT, see {@link threadFlags}. */
function holdExit(): void {
  const until = performance.now() + exitPatienceMs;
  for (const flags of running) Atomics.store(flags, threadFlags.stop, threadStop.exiting);
  for (const flags of running) {
    while (Atomics.load(flags, threadFlags.busy) === 1 && performance.now() < until) {
      Atomics.wait(flags, threadFlags.busy, 1, Math.max(1, until - performance.now()));
    }
  }
}
