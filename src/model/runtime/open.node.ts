import { checkOutputs, orderInputs } from "./check-run.ts";
import { checkExternalData } from "./external.ts";
import type { Host } from "./host.ts";
import { createHosts } from "./hosts.node.ts";
import type { Isolation } from "./hosts.node.ts";
import { allocate } from "./allocate.node.ts";
import { toRecord } from "./ort.ts";
import { copyTensors } from "./rows.ts";
import { cancelled, sessionClosed } from "./refusals.ts";
import type { RunOptions, Session, SessionInfo, SessionOptions } from "./session.ts";

/** What opening a session in Node can say beyond {@link SessionOptions}. */
export interface NodeSessionOptions extends SessionOptions {
  /** Default `worker`: a thread of this process. `process` for models that nobody vouches for. */
  readonly isolation?: Isolation;
  /** What the model may allocate in a process of its own, bytes. Default 1 GiB and four times the model. */
  readonly memoryBytes?: number;
  /** How long loading may take. Default 120 s. */
  readonly loadTimeoutMs?: number;
  /** How long a run may take. Default: as long as it wants in a thread, 120 s in a process. */
  readonly runTimeoutMs?: number;
  /** The most bytes of the outputs of one run. Default 1 GiB. */
  readonly maxOutputBytes?: number;
}

/**
 * Opens a model outside the calling thread, which stays free while it loads and runs.
 * @example
 * const session = await openSession(await readFile("model.onnx"), { threads: 2 });
 * const { logits } = await session.run({ input });
 * await session.close();
 * @throws runtime/load-refused, runtime/load-limit, runtime/external-data, runtime/no-provider, runtime/not-installed, runtime/unsupported-type
 */
export async function openSession(bytes: Uint8Array, options: NodeSessionOptions = {}): Promise<Session> {
  const { isolation = "worker", memoryBytes = 2 ** 30 + 4 * bytes.byteLength, maxOutputBytes = 2 ** 30, ...rest } = options;
  const { loadTimeoutMs = 120_000, runTimeoutMs = isolation === "worker" ? forever : 120_000, ...sessionOptions } = rest;
  checkExternalData(bytes, options.externalData);
  const host = await createHosts().start({ isolation, memoryBytes, maxOutputBytes });
  try {
    const info = await host.open(bytes, { ...sessionOptions, timeoutMs: loadTimeoutMs, maxOutputBytes });
    return overHost(host, info, runTimeoutMs);
  } catch (error) {
    void host.kill();
    throw error;
  }
}

/** The longest a Node timer can wait: 24 days. */
const forever = 2 ** 31 - 1 - 20_000;

function overHost(host: Host, info: SessionInfo, timeoutMs: number): Session {
  let last: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  return {
    ...info,
    async run(inputs, options = {}) {
      if (closing) throw sessionClosed();
      const { outputs = [], signal } = options;
      const wanted = orderInputs(inputs, info.inputs);
      checkOutputs(outputs, info.outputs);
      const turn = last.then(() => {
        if (signal?.aborted) throw cancelled(signal);
        return host.run(host.takesMemory ? copyTensors(wanted, allocate) : wanted, { outputs, timeoutMs });
      });
      last = turn.catch(() => {});
      return untilAborted(
        turn.then((answer) => toRecord(answer.outputs)),
        signal,
      );
    },
    close() {
      closing ??= last.then(() => host.close());
      return closing;
    },
  };
}

/** What is running cannot be called back from ONNX Runtime; the caller is let go at once and the answer is dropped. */
export function untilAborted<T>(work: Promise<T>, signal: RunOptions["signal"]): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(cancelled(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
