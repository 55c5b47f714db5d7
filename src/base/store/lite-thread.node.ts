/**
 * The embedded PostgreSQL on a thread of its own. It runs in WebAssembly and blocks its thread while it works, tens of milliseconds
 * for a few hundred rows: where requests are answered, that thread must be another one.
 */

import { Worker } from "node:worker_threads";
import { ModelkeepError } from "../error/index.ts";
import { workerEntry } from "../port/index.node.ts";
import type {} from "./errors.ts";
import type { Lite, LiteOptions, LiteResult } from "./lite.node.ts";

/** A call to the thread. */
export interface LiteCall {
  readonly id: number;
  readonly call: "query" | "dump" | "close";
  readonly text: string;
  readonly parameters: readonly unknown[];
}

/** What comes back; the answer to call 0 says that the database is open. Structured clone keeps of an error only its texts, so they stand alone. */
export type LiteAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failed: { readonly message: string; readonly code?: string; readonly hint?: string } };

/**
 * How long a question may take. They take milliseconds; but PostgreSQL in WebAssembly can turn in a circle for ever after its disk has failed
 * under it, and whoever waits for it, waits for ever, too.
 */
const patienceMs = 30_000;

interface Asked {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * @throws `store/missing-driver`; `store/unreachable` from every call when the thread has died
 */
export async function startLite(options: LiteOptions): Promise<Lite> {
  const worker = new Worker(workerEntry(import.meta.url, "./lite-entry.node.ts"), {
    name: "modelkeep-store",
    workerData: options,
    env: {},
    execArgv: [],
  });
  const asked = new Map<number, Asked>();
  let lastId = 0;
  let lost: ModelkeepError | undefined;

  worker.on("message", (answer: LiteAnswer) => {
    const call = asked.get(answer.id);
    asked.delete(answer.id);
    if ("failed" in answer) call?.reject(errorOf(answer.failed));
    else call?.resolve(answer.value);
  });
  const lose = (cause?: unknown) => {
    lost ??= threadLost(cause);
    for (const call of asked.values()) call.reject(lost);
    asked.clear();
  };
  worker.on("error", lose);
  worker.on("exit", () => lose());

  const answerTo = (id: number) => new Promise<unknown>((resolve, reject) => asked.set(id, { resolve, reject }));
  const ask = (call: LiteCall["call"], text = "", parameters: readonly unknown[] = []): Promise<unknown> => {
    if (lost !== undefined) return Promise.reject(lost);
    const id = ++lastId;
    worker.postMessage({ id, call, text, parameters } satisfies LiteCall);
    // A copy of everything may take its time.
    return call === "dump" ? answerTo(id) : soon(answerTo(id));
  };
  const soon = async (answer: Promise<unknown>): Promise<unknown> => {
    const timer = setTimeout(() => {
      lose(new Error(`it has not answered for ${patienceMs} ms`));
      void worker.terminate();
    }, patienceMs);
    return answer.finally(() => clearTimeout(timer));
  };

  await answerTo(0);
  return {
    query: (text, parameters) => ask("query", text, parameters) as Promise<LiteResult>,
    dump: () => ask("dump") as Promise<Uint8Array>,
    async close() {
      // A database whose disk failed under it may fail to close. Its thread ends all the same, or the process would outlive its service; what was
      // not written down is recovered when it is opened again, as after a power cut.
      await ask("close").catch(() => {});
      await worker.terminate();
    },
  };
}

function errorOf({ message, code, hint }: { message: string; code?: string; hint?: string }): Error {
  if (code === "store/missing-driver") return new ModelkeepError(code, { message, hint });
  return Object.assign(new Error(message), { code });
}

function threadLost(cause: unknown): ModelkeepError {
  return new ModelkeepError("store/unreachable", {
    message: "the thread of the embedded database has ended",
    hint: "restart; if it repeats, look for memory or disk limits",
    status: 503,
    cause,
  });
}
