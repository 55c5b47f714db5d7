/** The last word on every wrong answer: the model itself is asked again, and what does not hold is attacked once more by its own answers. */
import { attacks } from "../attack/index.ts";
import { adaptiveView, noRemedies } from "./adaptive/views.ts";
import type { NormRun } from "./campaign.ts";
import { unfit } from "./plan.ts";
import type { PlannedAttack } from "./plan.ts";
import { roomOf } from "./trials.ts";
import { verify } from "./verify.ts";
import type { Verified } from "./verify.ts";
import type { Work } from "./work.ts";

/** How often a model is asked again, and what for. */
export interface Asking {
  readonly draws: number;
  readonly surely?: boolean;
  readonly examples?: Int32Array;
}

/** Asks again for what was found; not of a target that costs something. */
export async function verifyRun({ options, target }: Work, { norm, standings }: NormRun, how: Asking): Promise<Verified> {
  const { x, labels, bounds, signal } = options;
  if (signal?.aborted === true || options.queries !== undefined) return { norm, checked: 0, outside: 0, unconfirmed: 0 };
  const room = roomOf(norm, bounds, target.rowSize);
  return verify(standings, { target, room, x, labels, signal, ...how });
}

/**
 * {@link verifyRun} for a whole run. Where a steady model takes answers back, or rounds inside, attacks that listen to nothing but the model look
 * for others: the graph of a gradient rounds in other places.
 */
export async function settle(work: Work, run: NormRun, how: Asking): Promise<Verified> {
  const first = await verifyRun(work, run, how);
  const { options, target, over } = work;
  const { model, facts } = options.subject;
  const rounds = facts.some(({ kind }) => kind === "approximated");
  if (options.attacks !== "auto" || (first.unconfirmed === 0 && !rounds)) return first;
  if (how.draws > 1 || model === undefined || over()) return first;
  const seed = options.seed ?? 0;
  const refuses = target.refusal !== undefined;
  const view = await adaptiveView(options.open, target, { model, remedies: noRemedies, seed, output: options.output, refuses });
  if (view === undefined) return first;
  const on = view.target;
  const plan = exactPlan().filter(({ attack }) => unfit(attack, on, run.norm) === undefined);
  await work.attack(run, plan, { on, view: "plain" });
  await on.close();
  const last = await verifyRun(work, run, how);
  return { ...last, outside: first.outside + last.outside, unconfirmed: first.unconfirmed + last.unconfirmed };
}

const exactPlan = (): readonly PlannedAttack[] => [
  { attack: attacks.get("pgd"), params: { steps: 60, restarts: 3, loss: "margin" }, scope: "standing" },
  { attack: attacks.get("apgd-t"), params: { steps: 75, targetClasses: 9 }, scope: "standing" },
];
