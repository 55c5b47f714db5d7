/**
 * Attacks on any model: white-box on an ONNX file, black-box on anything that answers.
 *
 * @example
 * const target = await openTarget(await readFile("model.onnx"));
 * const result = await runAttack(attacks.get("pgd"), { target, x, labels, threat: { norm: "linf", epsilons: [0.1, 0.3], bounds: { low: 0, high: 1 } } });
 * result.perEpsilon.map(({ epsilon, robust }) => [epsilon, robust]);
 */
import { openSession } from "../../model/runtime/index.ts";
import type { Model } from "../../model/onnx/index.ts";
import { openEotTargetWith } from "./eot/open-eot.ts";
import type { EotOptions, EotTarget } from "./eot/open-eot.ts";
import { openTargetWith } from "./open-target.ts";
import type { TargetOptions } from "./open-target.ts";
import type { AttackTarget } from "./target.ts";

export * from "./public.ts";

/** Opens a model for attacks on this page. @throws attack/unsupported-model · runtime/load-refused */
export const openTarget = (source: Uint8Array | Model, options: TargetOptions = {}): Promise<AttackTarget> =>
  openTargetWith(openSession, source, options);

/** Opens a model behind random transforms. @throws attack/unsupported-model */
export const openEotTarget = (source: Uint8Array | Model, options: EotOptions = {}): Promise<EotTarget> =>
  openEotTargetWith(openSession, source, options);
