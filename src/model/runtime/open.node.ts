import { allocate } from "./allocate.node.ts";
import { checkExternalData } from "./external.ts";
import { createHosts } from "./hosts.node.ts";
import type { Isolation } from "./hosts.node.ts";
import { inTurn } from "./in-turn.ts";
import { copyTensors } from "./rows.ts";
import type { Session, SessionOptions } from "./session.ts";

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
    return inTurn({
      info,
      close: () => host.close(),
      async run(inputs, outputs) {
        const sent = host.takesMemory ? copyTensors(inputs, allocate) : inputs;
        return (await host.run(sent, { outputs, timeoutMs: runTimeoutMs })).outputs;
      },
    });
  } catch (error) {
    void host.kill();
    throw error;
  }
}

/** The longest a Node timer can wait: 24 days. */
const forever = 2 ** 31 - 1 - 20_000;
