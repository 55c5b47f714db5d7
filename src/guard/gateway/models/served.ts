import type { Admission } from "./admission.ts";
import type { Preprocess } from "../preprocess/preprocess.ts";
import type { GuardedContract } from "../read/guarded-contract.ts";
import type { ModelAbout } from "../../../model/onnx/index.ts";
import type { ModelRunner } from "../../../model/runtime/index.ts";
import type { ModelSource } from "./config.ts";
import type { ServedModel } from "./models.ts";

/** A loaded version that knows how many requests use it, so that it can be replaced under load without dropping one. */
export class Served implements ServedModel {
  readonly name: string;
  readonly version: string;
  /** Where it was read from, and the entry of the configuration that led there. */
  readonly path: string;
  readonly source: ModelSource;
  readonly digest: string;
  readonly contract: GuardedContract;
  readonly preprocess: Preprocess | undefined;
  readonly isolation: "worker" | "process";
  readonly runner: ModelRunner;
  readonly batchBy: "anyone" | "principal";
  readonly about: ModelAbout;
  readonly external: ReadonlyMap<string, string>;
  readonly defences: readonly string[];
  readonly admission: Admission;
  #holds = 0;
  #retired: (() => void) | undefined;

  constructor(parts: Omit<ServedModel, "hold" | "drop" | "defences"> & { readonly path: string; readonly source: ModelSource }) {
    this.name = parts.name;
    this.version = parts.version;
    this.path = parts.path;
    this.source = parts.source;
    this.digest = parts.digest;
    this.contract = parts.contract;
    this.preprocess = parts.preprocess;
    this.isolation = parts.isolation;
    this.runner = parts.runner;
    this.batchBy = parts.batchBy;
    this.about = parts.about;
    this.external = parts.external;
    this.defences = parts.source.defences;
    this.admission = parts.admission;
  }

  hold(): void {
    this.#holds++;
  }

  drop(): void {
    this.#holds--;
    if (this.#holds === 0) this.#retired?.();
  }

  /** Closes the runner once no request holds this version, or after `drainMs`: the runner then fails what is left. */
  async retire(drainMs: number): Promise<void> {
    if (this.#holds > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#retired = resolve;
        timer = setTimeout(resolve, drainMs);
      });
      clearTimeout(timer);
    }
    await Promise.all([this.runner.close(), this.preprocess?.close()]);
  }
}
