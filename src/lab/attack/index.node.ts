import { openSession } from "../../model/runtime/index.node.ts";
import type { Model } from "../../model/onnx/index.ts";
import { openTargetWith } from "./open-target.ts";
import type { TargetOptions } from "./open-target.ts";
import type { AttackTarget } from "./target.ts";

export * from "./public.ts";

/** Opens a model for attacks, in a thread of its own. @throws attack/unsupported-model · runtime/load-refused */
export const openTarget = (source: Uint8Array | Model, options: TargetOptions = {}): Promise<AttackTarget> =>
  openTargetWith(openSession, source, options);
