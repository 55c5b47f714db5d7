/** Ends of a run that are no failures: whoever runs an attack gets what was found until then. */
import { isModelkeepError } from "../../base/error/index.ts";
import type { Stopped } from "./result.ts";

/** Thrown inside a run, caught by the runner, never seen outside. */
export class Stop extends Error {
  readonly reason: Stopped["reason"];

  constructor(reason: Stopped["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** An error as the end of a run. @throws the error itself when it is a real failure */
export function stoppedBy(error: unknown, signal: AbortSignal | undefined): Stopped {
  if (error instanceof Stop) return { reason: error.reason, message: error.message };
  if (isModelkeepError(error)) {
    if (error.code === "attack/refused" || error.code === "attack/unreachable")
      return { reason: "refused", message: error.message };
    if (signal?.aborted === true && error.code === "runtime/cancelled")
      return { reason: "cancelled", message: "the run was cancelled" };
  }
  throw error;
}
