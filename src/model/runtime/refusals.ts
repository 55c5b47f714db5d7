/** Why a request gets no answer without having failed itself. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import type {} from "./errors.ts";

export const tooLate = (): ModelkeepError =>
  new ModelkeepError("runtime/deadline", {
    message: "the deadline passed before the model had an answer",
    hint: "allow more time, or try again when there is less load",
    status: 504,
    retryAfterSeconds: 1,
  });

export const cancelled = (signal: AbortSignal): ModelkeepError =>
  new ModelkeepError("runtime/cancelled", { message: "the caller gave the run up", status: 499, cause: signal.reason });

export const sessionClosed = (): ModelkeepError =>
  new ModelkeepError("runtime/closed", { message: "the session was closed", hint: "open it again", status: 503 });

export const takenDown = (name: string): ModelkeepError =>
  new ModelkeepError("runtime/closed", {
    message: `the model ${quote(name)} is being taken down`,
    hint: "try again, or use another version",
    status: 503,
    retryAfterSeconds: 1,
  });

export const unhealthy = (name: string): ModelkeepError =>
  new ModelkeepError("runtime/unhealthy", {
    message: `the workers of the model ${quote(name)} die one after another`,
    hint: "the log names the reason; the model is tried again by itself",
    status: 503,
    retryAfterSeconds: 10,
  });

/** @param waitMs how long the queue is expected to take */
export const overloaded = (name: string, waitMs: number): ModelkeepError =>
  new ModelkeepError("runtime/overloaded", {
    message: `the queue of the model ${quote(name)} is full`,
    hint: "try again later",
    status: 503,
    retryAfterSeconds: Math.max(1, Math.min(60, Math.ceil(waitMs / 1000))),
  });
