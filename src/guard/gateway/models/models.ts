import type { Actor } from "../../../base/evidence/index.ts";
import type { ModelkeepError } from "../../../base/error/index.ts";
import type { Admission } from "./admission.ts";
import type { Preprocess } from "../preprocess/preprocess.ts";
import type { GuardedContract } from "../read/guarded-contract.ts";
import type { ModelAbout } from "../../../model/onnx/index.ts";
import type { ModelRunner } from "../../../model/runtime/index.ts";

/** One version of a model, loaded and ready to run. */
export interface ServedModel {
  readonly name: string;
  readonly version: string;
  /** `sha256:<hex>` of the file's bytes, the same that were loaded. */
  readonly digest: string;
  /** What clients send and get: what the graph declares, tightened by the configuration, with the inputs of its preprocess. */
  readonly contract: GuardedContract;
  /** What stands between a request and the model. */
  readonly preprocess: Preprocess | undefined;
  readonly isolation: "worker" | "process";
  readonly runner: ModelRunner;
  /** What its graph and its file say of it. */
  readonly about: ModelAbout;
  /** Digest of each file that holds weights beside it. */
  readonly external: ReadonlyMap<string, string>;
  /** What the gate found out about the file. */
  readonly admission: Admission;
  /** What the configuration put in front of it. */
  readonly defences: readonly string[];
  /** Whose requests may share a run. */
  readonly batchBy: "anyone" | "principal";
  /** Keeps this version alive while a request uses it: pair each `hold` with one {@link drop}. */
  hold(): void;
  drop(): void;
}

/** What one look at the files changed. */
export interface ModelsReport {
  readonly added: readonly string[];
  readonly replaced: readonly string[];
  readonly removed: readonly string[];
  /** Files that were refused, and why. A version that was serving before still serves. */
  readonly refused: readonly { readonly path: string; readonly error: ModelkeepError }[];
}

/** The models that are served, kept in step with their files. */
export interface Models {
  /** By name and version or label; without a version the highest number. Undefined when there is none. */
  find(name: string, version?: string): ServedModel | undefined;
  /** Version numbers of a model, ascending; empty when there is none. */
  versions(name: string): readonly string[];
  /** Every version of every model, by name and ascending version. */
  list(): readonly ServedModel[];
  /** Looks at the files now; settles when what changed is serving. */
  reload(by?: Actor): Promise<ModelsReport>;
  /** Stops polling and closes every runner after its requests. */
  close(): Promise<void>;
}
