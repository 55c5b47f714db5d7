import type { EvidenceSink } from "../../../base/evidence/index.ts";
import type { Logger, Meter } from "../../../base/log/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import type { KeysConfig } from "../../../posture/sign/index.ts";
import type { Runtime } from "../../../model/runtime/index.node.ts";
import type { CheckedModels } from "./check.ts";
import type { Gatekeeper } from "./gatekeeper.ts";
import type { ModelsConfig } from "./config.ts";

/** What the model registry is built from. */
export interface ModelsParts {
  readonly config: ModelsConfig;
  /** Folder that relative paths of the configuration start from. */
  readonly baseDir: string;
  /** Those that `kms:NAME` among the identities names. */
  readonly keys?: KeysConfig;
  readonly runtime: Runtime;
  readonly evidence: EvidenceSink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly meter: Meter;
  /** What `checkModels` read already; emptied here. */
  readonly checked?: CheckedModels;
  /** One that is warm already. */
  readonly gatekeeper?: Gatekeeper;
}
