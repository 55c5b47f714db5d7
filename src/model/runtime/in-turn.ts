import { checkOutputs, orderInputs } from "./check-run.ts";
import { toRecord } from "./ort.ts";
import { cancelled, sessionClosed } from "./refusals.ts";
import type { NamedTensor, Session, SessionInfo } from "./session.ts";

/** What a {@link Session} stands on: a place where one run at a time happens. */
export interface Engine {
  readonly info: SessionInfo;
  run(inputs: readonly NamedTensor[], outputs: readonly string[]): Promise<readonly NamedTensor[]>;
  close(): Promise<void>;
}

/** The session over an engine: inputs checked, runs in turn, callers who give up let go at once. */
export function inTurn(engine: Engine): Session {
  const { info } = engine;
  let last: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  return {
    ...info,
    async run(inputs, { outputs = [], signal } = {}) {
      if (closing) throw sessionClosed();
      const ordered = orderInputs(inputs, info.inputs);
      checkOutputs(outputs, info.outputs);
      const turn = last.then(() => {
        if (signal?.aborted) throw cancelled(signal);
        return engine.run(ordered, outputs);
      });
      last = turn.catch(() => {});
      return toRecord(await untilAborted(turn, signal));
    },
    close() {
      closing ??= last.then(() => engine.close());
      return closing;
    },
  };
}

/** What is running cannot be called back from ONNX Runtime; the caller is let go at once and the answer is dropped. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(cancelled(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
