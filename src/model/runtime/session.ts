import type { ElementType, Tensor } from "../onnx/index.ts";

/** An input or output as ONNX Runtime reports it after load. */
export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  /** A number is fixed, a string a named free dimension, null a free one without a name. */
  readonly dims: readonly (number | string | null)[];
}

/** What an open session says of itself. */
export interface SessionInfo {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** The execution provider in use: the first wanted one that is available. */
  readonly provider: string;
  /** Wanted providers that are not available here. */
  readonly absent: readonly string[];
}

/** How much ONNX Runtime may rewrite the graph at load. `none` also keeps it from evaluating constant subgraphs. */
export type Optimisation = "none" | "basic" | "extended" | "all";

export interface SessionOptions {
  /** Threads for one run. Results are reproducible for the same number of threads. Default 1. */
  readonly threads?: number;
  /** Default `all`. */
  readonly optimisation?: Optimisation;
  /** Execution providers in order of preference, `cpu` by default. An absent one is skipped and reported. */
  readonly providers?: readonly string[];
  /** The bytes of each data file the model names, by the location written in the model. No path is ever opened. */
  readonly externalData?: ReadonlyMap<string, Uint8Array>;
}

export interface RunOptions {
  /** Names of the outputs to compute; all by default. */
  readonly outputs?: readonly string[];
  /** Gives the run up: the promise rejects at once with `runtime/cancelled`. */
  readonly signal?: AbortSignal;
}

/** A model in memory, ready to run. Runs of one session happen one after another. */
export interface Session extends SessionInfo {
  /**
   * @throws runtime/bad-input, runtime/run-failed, runtime/cancelled, runtime/closed, runtime/out-of-memory
   */
  run(inputs: Readonly<Record<string, Tensor>>, options?: RunOptions): Promise<Record<string, Tensor>>;
  /** Lets running work finish, then gives all memory back. */
  close(): Promise<void>;
}

/** A tensor under its name: how inputs and outputs travel between threads and processes. */
export interface NamedTensor extends Tensor {
  readonly name: string;
}
