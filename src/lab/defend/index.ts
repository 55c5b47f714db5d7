/**
 * Defences: what stands in front of a model, what makes a model harder to fool, and what proves that it cannot be fooled.
 *
 * @example
 * const threat = { norm: "linf", epsilon: 0.3, low: 0, high: 1 } as const;
 * const { model } = await trainToEnd(harden({ model, data, method: hardenings.get("pgd"), threat }));
 */
import { train } from "../../model/train/index.ts";
import type { TrainEvent, TrainResult } from "../../model/train/index.ts";
import { hardenWith } from "./hardening/harden.ts";
import type { HardenOptions } from "./hardening/harden.ts";

export * from "./public.ts";

/** Hardens a model on this page. @throws defend/bad-option, and what `train` throws */
export const harden = (options: HardenOptions): AsyncGenerator<TrainEvent, TrainResult> => hardenWith(train, options);
