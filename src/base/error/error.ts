/**
 * The one error class. An area adds its codes to {@link ErrorCodes} by declaration merging in its own
 * `errors.ts`; nobody subclasses. Recognised by a symbol brand, because two copies of a package in one
 * process make `instanceof` lie.
 */

const brand: unique symbol = Symbol.for("modelkeep.error") as never;

/** What a failed command exits with. 1 is for findings; see `docs/guide/exit-codes.md`. */
export type ExitCode = 1 | 2 | 3 | 4;

/** Every code and what it means. Rooms extend it: `declare module "…/base/error/error.ts" { interface ErrorCodes { "area/reason": "…" } }`. */
export interface ErrorCodes {
  "internal/unexpected": "something broke that we did not foresee; the log has the cause";
}

export type ErrorCode = keyof ErrorCodes;

export interface ErrorDetails {
  /** One lower-case line, user input in backticks (see {@link quote}), no trailing full stop. */
  readonly message: string;
  /** What to do next: a command, a field to change. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Process exit code; 2 (the tool failed) unless said otherwise. */
  readonly exit?: ExitCode;
  /** HTTP status; 500 unless said otherwise. */
  readonly status?: number;
  /** Seconds after which the same request may succeed (HTTP `Retry-After`). */
  readonly retryAfterSeconds?: number;
}

/**
 * @example
 * throw new ModelkeepError("gateway/wrong-shape", {
 *   message: `input ${quote(name)} has shape [2,3], the model takes [N,4]`,
 *   hint: "send one row per example",
 *   status: 400,
 * });
 */
export class ModelkeepError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly exit: ExitCode;
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "ModelkeepError";
    this.code = code;
    this.hint = details.hint;
    this.exit = details.exit ?? 2;
    this.status = details.status ?? 500;
    this.retryAfterSeconds = details.retryAfterSeconds;
    Object.defineProperty(this, brand, { value: true });
  }

  /** What an outside face may show: never the cause, never a stack. */
  toJSON(): { code: ErrorCode; message: string; hint?: string } {
    const { code, message, hint } = this;
    return hint === undefined ? { code, message } : { code, message, hint };
  }
}

/** True for a {@link ModelkeepError} of any copy of this package. */
export function isModelkeepError(value: unknown): value is ModelkeepError {
  return typeof value === "object" && value !== null && brand in value;
}

/** The error as ours: itself when it is one, wrapped as `internal/unexpected` otherwise. */
export function toModelkeepError(value: unknown): ModelkeepError {
  if (isModelkeepError(value)) return value;
  return new ModelkeepError("internal/unexpected", {
    message: "something broke that we did not foresee",
    hint: "see the log for the cause",
    cause: value,
  });
}
