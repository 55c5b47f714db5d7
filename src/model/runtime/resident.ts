/** Models that share state which stays where they run: the face of `held-state.ts` on the caller's side. */
import { checkOutputs, checkTensor, orderInputs } from "./check-run.ts";
import type { Tensor } from "../onnx/index.ts";
import type { Wiring } from "./held-state.ts";
import { toRecord } from "./ort.ts";
import { sessionClosed } from "./refusals.ts";
import type { NamedTensor, SessionInfo } from "./session.ts";

/** One model over shared state. Its inputs and outputs are those that are not state. */
export interface ResidentModel extends SessionInfo {
  /** @throws runtime/bad-input, runtime/run-failed, runtime/closed, runtime/out-of-memory */
  run(
    inputs: Readonly<Record<string, Tensor>>,
    options?: { readonly outputs?: readonly string[] },
  ): Promise<Record<string, Tensor>>;
}

/**
 * A place where named tensors are kept between runs, and where models read and renew them. Everything asked of it happens in turn.
 * @example
 * const place = await openResident();
 * await place.write({ w });
 * const step = await place.load(stepBytes, { updates: { "next(w)": "w" } }); // reads `w` by its name
 * for (const x of batches) await step.run({ x });
 * const { w: learnt } = await place.read(["w"]);
 */
export interface Resident {
  /** Adds or replaces tensors. */
  write(tensors: Readonly<Record<string, Tensor>>): Promise<void>;
  /** Copies of the state; all of it without names. @throws runtime/bad-input */
  read(names?: readonly string[]): Promise<Record<string, Tensor>>;
  /** Opens a model beside those there are. @throws runtime/load-refused and what `openSession` throws */
  load(bytes: Uint8Array, wiring?: Wiring): Promise<ResidentModel>;
  close(): Promise<void>;
}

/** What a {@link Resident} stands on. */
export interface ResidentEngine {
  load(bytes: Uint8Array, wiring: Wiring): Promise<SessionInfo>;
  run(graph: number, inputs: readonly NamedTensor[], outputs: readonly string[]): Promise<readonly NamedTensor[]>;
  write(tensors: readonly NamedTensor[]): Promise<void>;
  read(names: readonly string[]): Promise<readonly NamedTensor[]>;
  close(): Promise<void>;
}

/** Checks and turns over an engine. */
export function residentOver(engine: ResidentEngine): Resident {
  let last: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  let count = 0;
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (closing) throw sessionClosed();
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  }
  return {
    async write(tensors) {
      const named = Object.entries(tensors).map(([name, tensor]): NamedTensor => {
        checkTensor(name, tensor);
        return Object.assign({}, tensor, { name });
      });
      await inTurn(() => engine.write(named));
    },
    async read(names = []) {
      return toRecord(await inTurn(() => engine.read(names)));
    },
    async load(bytes, wiring = {}) {
      const info = await inTurn(() => engine.load(bytes, wiring));
      const graph = count++;
      return {
        ...info,
        async run(inputs, { outputs = [] } = {}) {
          const ordered = orderInputs(inputs, info.inputs);
          checkOutputs(outputs, info.outputs);
          return toRecord(await inTurn(() => engine.run(graph, ordered, outputs)));
        },
      };
    },
    close() {
      closing ??= last.then(() => engine.close());
      return closing;
    },
  };
}
