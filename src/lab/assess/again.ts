/** Attacking again: as one who knows the defence, and for longer than before. */
import { attacks } from "../attack/index.ts";
import type { AttackTarget } from "../attack/index.ts";
import { adaptiveView } from "./adaptive/views.ts";
import type { AdaptiveView, Remedies } from "./adaptive/views.ts";
import type { NormRun } from "./campaign.ts";
import { unfit } from "./plan.ts";
import type { PlannedAttack } from "./plan.ts";
import { strongerAttack } from "./strengthen.ts";
import type { Work } from "./work.ts";

/** A view of the model that sees through what was found; undefined where there is no model to see through. */
export async function adapt({ options, target, over }: Work, remedies: Remedies): Promise<AdaptiveView | undefined> {
  const { model } = options.subject;
  if (model === undefined || over()) return undefined;
  options.onEvent?.({ kind: "step", what: "a defence was found: making a view of the model that sees through it" });
  return adaptiveView(options.open, target, {
    model,
    remedies,
    seed: options.seed ?? 0,
    output: options.output,
    refuses: target.refusal !== undefined,
    bounds: options.bounds,
  });
}

/** The attack that knows the defence, then one that is longer than all before. */
export async function attackAgain(
  work: Work,
  run: NormRun,
  {
    view,
    wanted,
    confidence,
  }: { readonly view: AdaptiveView | undefined; readonly wanted: boolean; readonly confidence?: number | undefined },
): Promise<void> {
  const { options, target } = work;
  const fits = (plan: readonly PlannedAttack[], on: AttackTarget): readonly PlannedAttack[] =>
    plan.filter(({ attack }) => unfit(attack, on, run.norm) === undefined).map((one) => ({ ...one, confidence }));
  if (view !== undefined) await work.attack(run, fits(adaptivePlan(), view.target), view.target, "adaptive");
  else if (wanted) await work.attack(run, fits(blindPlan(), target), target, "adaptive");
  const last = view?.target ?? target;
  if (options.attacks === "auto" && last.knowledge === "gradient")
    await work.attack(run, fits([strongerAttack()], last), last, view === undefined ? "plain" : "adaptive");
}

/** Gradients of the stand-in, by the losses that a model without a defence meets; then without gradients. */
const adaptivePlan = (): readonly PlannedAttack[] => [
  { attack: attacks.get("pgd"), params: { steps: 60, loss: "margin" }, scope: "standing" },
  { attack: attacks.get("pgd"), params: { steps: 40 }, scope: "standing" },
  { attack: attacks.get("apgd-dlr"), params: { steps: 50 }, scope: "standing" },
  { attack: attacks.get("apgd-t"), params: { steps: 30, targetClasses: 3 }, scope: "standing" },
  ...blindPlan(),
];

const blindPlan = (): readonly PlannedAttack[] =>
  attacks.has("square") ? [{ attack: attacks.get("square"), params: { queries: 1500 }, scope: "standing", most: 200 }] : [];
