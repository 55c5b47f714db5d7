/** Attacking again: as one who knows the defence, and for longer than before. */
import { attacks, openTargetWith } from "../attack/index.ts";
import type { AttackTarget } from "../attack/index.ts";
import { withoutNoise } from "./adaptive/calm.ts";
import { thenSearch } from "./adaptive/search.ts";
import { adaptiveView } from "./adaptive/views.ts";
import type { AdaptiveView, Remedies } from "./adaptive/views.ts";
import type { CampaignOptions, NormRun } from "./campaign.ts";
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

/** The model without its noise, to climb on; undefined where there is none that could be cut out, or no gradient behind it. */
export async function calmed({ options, target, over }: Work): Promise<AttackTarget | undefined> {
  const { model } = options.subject;
  const calm = model === undefined || over() ? undefined : withoutNoise(model);
  if (calm === undefined) return undefined;
  const opened = await openTargetWith(options.open, calm, { output: options.output, refuses: target.refusal !== undefined });
  if (opened.whiteBox !== undefined && opened.scores !== undefined) return opened;
  await opened.close();
  return undefined;
}

/** The attack that knows the defence, then one that is longer than all before. */
export async function attackAgain(
  work: Work,
  run: NormRun,
  {
    view,
    calm,
    wanted,
    confidence,
    confirm,
  }: {
    readonly view: AdaptiveView | undefined;
    /** The model without its noise: what falls there is asked of the model itself. */
    readonly calm?: AttackTarget | undefined;
    readonly wanted: boolean;
    readonly confidence?: number | undefined;
    readonly confirm?: CampaignOptions["confirm"];
  },
): Promise<void> {
  const { options, target } = work;
  const fits = (plan: readonly PlannedAttack[], on: AttackTarget): readonly PlannedAttack[] =>
    plan.filter(({ attack }) => unfit(attack, on, run.norm) === undefined).map((one) => ({ ...one, confidence }));
  if (calm !== undefined) await work.attack(run, fits(calmPlan(), calm), { on: calm, view: "adaptive", confirm });
  if (view !== undefined)
    await work.attack(run, fits(adaptivePlan({ random: calm !== undefined || confidence !== undefined }), view.target), {
      on: view.target,
      view: "adaptive",
      confirm,
    });
  else if (wanted) await work.attack(run, fits(blindPlan(), target), { on: target, view: "adaptive", confirm });
  const last = view?.target ?? target;
  if (options.attacks === "auto" && last.knowledge === "gradient")
    await work.attack(run, fits([strongerAttack()], last), {
      on: last,
      view: view === undefined ? "plain" : "adaptive",
      confirm,
    });
}

/** Gradients of the stand-in, by the losses that a model without a defence meets; then without gradients. */
const adaptivePlan = ({ random }: { readonly random: boolean }): readonly PlannedAttack[] => [
  { attack: attacks.get("pgd"), params: { steps: 60, loss: "margin" }, scope: "standing" },
  { attack: attacks.get("pgd"), params: { steps: 40 }, scope: "standing" },
  { attack: attacks.get("apgd-dlr"), params: { steps: 50 }, scope: "standing" },
  {
    // One better answer of a random model says nothing.
    attack: random ? attacks.get("apgd-t") : thenSearch(attacks.get("apgd-t"), 1000),
    params: { steps: 75, targetClasses: 9 },
    scope: "standing",
    most: 100,
  },
  ...blindPlan(),
];

const calmPlan = (): readonly PlannedAttack[] =>
  [
    { attack: attacks.get("pgd"), params: { steps: 60, restarts: 2, loss: "margin" } },
    { attack: attacks.get("apgd-t"), params: { steps: 75, targetClasses: 9 } },
  ].map(({ attack, params }): PlannedAttack => ({
    attack: { ...attack, id: `calm ${attack.id}`, title: `${attack.title}, on the model without its noise` },
    params,
    scope: "standing",
  }));

const blindPlan = (): readonly PlannedAttack[] =>
  attacks.has("square") ? [{ attack: attacks.get("square"), params: { queries: 1500 }, scope: "standing", most: 200 }] : [];
