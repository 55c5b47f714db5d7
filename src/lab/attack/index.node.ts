import { openSession } from "../../model/runtime/index.node.ts";
import type { Model } from "../../model/onnx/index.ts";
import { openEotTargetWith } from "./eot/open-eot.ts";
import type { EotOptions, EotTarget } from "./eot/open-eot.ts";
import { openTargetWith } from "./open-target.ts";
import type { TargetOptions } from "./open-target.ts";
import type { AttackTarget } from "./target.ts";

export * from "./public.ts";
export { paintText } from "./mail/paint-text.node.ts";

/** Opens a model for attacks, in a thread of its own. @throws attack/unsupported-model · runtime/load-refused */
export const openTarget = (source: Uint8Array | Model, options: TargetOptions = {}): Promise<AttackTarget> =>
  openTargetWith(openSession, source, options);

/** Opens a model behind random transforms. @throws attack/unsupported-model */
export const openEotTarget = (source: Uint8Array | Model, options: EotOptions = {}): Promise<EotTarget> =>
  openEotTargetWith(openSession, source, options);
