/** Hardening: a training whose hooks are a method's. */
import type { TrainEvent, TrainOptions, TrainResult } from "../../../model/train/index.ts";
import { logitsOf } from "../../attack/index.ts";
import { badOption } from "../refuse.ts";
import type { Classifier, HardenThreat, Hardening } from "./define.ts";

/** What hardening takes beside what training takes. */
export interface HardenOptions extends Omit<TrainOptions, "hooks" | "validation" | "epochs"> {
  readonly epochs?: number;
  readonly method: Hardening;
  readonly params?: unknown;
  readonly threat: HardenThreat;
  /** Share of all steps in which the radius rises from nothing. Default {@link defaultRamp}. */
  readonly ramp?: number;
}

/** How models are trained here: `train` of the room of that name. */
export type Train = (options: TrainOptions) => AsyncGenerator<TrainEvent, TrainResult>;

/** The settings that a method is run with, defaults filled in. @throws defend/bad-option */
export function paramsOf(method: Hardening, given: unknown): unknown {
  const parsed = method.params.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue!.path.join(".");
  throw badOption(
    `${method.id}: ${where === "" ? "" : `\`${where}\`: `}${issue!.message.toLowerCase()}`,
    `\`--param steps=7\`; this method takes ${Object.keys((method.params as { shape?: object }).shape ?? {}).join(", ")}`,
  );
}

/**
 * A training that looks for the worst examples of each batch, or makes the loss flat around them; as `train` does, it tells what happens and can
 * be resumed. Validation would choose the epoch that is best without an attacker, so there is none: the last weights are kept.
 * @throws defend/bad-option, and what `train` throws
 */
export function hardenWith(train: Train, options: HardenOptions): AsyncGenerator<TrainEvent, TrainResult> {
  const { method, threat, ramp = defaultRamp, params, ...rest } = options;
  check(method, threat, ramp);
  const recipe = { epochs: 20, ...method.recipe, ...rest };
  const part = logitsOf(options.model, { output: options.output });
  const { model, logits, classes, rowDims, single } = part;
  // Its training takes labels as numbers between 0 and 1, the search inside a step takes classes.
  if (single === true) throw badOption("the model gives a single score", "export it with one score for each of its two classes");
  const classifier: Classifier = { model, input: part.input.name, logits, classes, rowDims };
  const steps = Math.ceil((options.data.size ?? 0) / (recipe.batch ?? 64)) * recipe.epochs;
  const rising = Math.max(1, Math.round(ramp * steps));
  const hooks = method.hooks({
    classifier,
    threat,
    params: paramsOf(method, params),
    radius: (step) => threat.epsilon * Math.min(1, (step + 1) / rising),
  });
  return train({ ...recipe, hooks });
}

/** From the full radius on, nets of this size often learn nothing at all. */
export const defaultRamp = 0.25;

function check({ id, norms }: Hardening, { norm, epsilon, low, high }: HardenThreat, ramp: number): void {
  if (!norms.includes(norm)) throw badOption(`${id} does not harden against ${norm}`, `norms: ${norms.join(", ")}`);
  if (!(epsilon > 0 && Number.isFinite(epsilon))) throw badOption(`a radius of ${epsilon}`, "for example linf:0.3");
  if (!(low < high)) throw badOption(`bounds ${low} … ${high}`, "the lower one comes first");
  if (!(ramp >= 0 && ramp <= 1)) throw badOption(`a ramp of ${ramp}`, "a share of all steps, from 0 to 1");
}
