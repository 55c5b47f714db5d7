/** Which attacks are run, in which order: cheap ones first, so that something is known at once; strong ones on what still stands. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { attacks, gives, realClasses } from "../attack/index.ts";
import type { Attack, AttackTarget, Norm } from "../attack/index.ts";
import type {} from "./errors.ts";

/** One attack with what it runs with. */
export interface PlannedAttack {
  readonly attack: Attack;
  readonly params: Readonly<Record<string, unknown>>;
  /** `all`: every example, so that its own figure means something. `standing`: those that nothing before has broken. */
  readonly scope: "all" | "standing";
  /** Runs on at most so many examples, where each costs thousands of questions. */
  readonly most?: number;
  /** By how much a wrong class must lead before an example is left alone. */
  readonly confidence?: number | undefined;
}

interface Wish extends Omit<PlannedAttack, "attack"> {
  readonly id: string;
}

/** The default ensemble, by what the target tells. Attacks that this build does not have are passed over. */
const wishes: Readonly<Record<AttackTarget["knowledge"], readonly Wish[]>> = {
  gradient: [
    { id: "fgsm", params: {}, scope: "all" },
    { id: "pgd", params: { steps: 40, restarts: 2 }, scope: "all" },
    { id: "pgd", params: { steps: 40, loss: "margin" }, scope: "standing" },
    { id: "apgd-ce", params: { steps: 50 }, scope: "standing" },
    { id: "apgd-dlr", params: { steps: 50 }, scope: "standing" },
    { id: "apgd-t", params: { steps: 30, targetClasses: 3 }, scope: "standing" },
    { id: "square", params: { queries: 500 }, scope: "standing", most: 200 },
  ],
  scores: [
    { id: "square", params: { queries: 1000 }, scope: "all" },
    { id: "simba", params: {}, scope: "standing", most: 30 },
    { id: "nes", params: {}, scope: "standing", most: 15 },
  ],
  decisions: [
    { id: "hop-skip-jump", params: {}, scope: "all", most: 50 },
    { id: "boundary", params: {}, scope: "all", most: 50 },
  ],
};

/**
 * The attacks for a target under one norm.
 *
 * @param asked `auto`, or ids
 * @throws registry/unknown · assess/bad-attacks when an attack that was asked for does not fit
 */
export function planAttacks(asked: "auto" | readonly string[], target: AttackTarget, norm: Norm): readonly PlannedAttack[] {
  if (asked === "auto") return wished(target, norm);
  return asked.map((id): PlannedAttack => {
    const attack = attacks.get(id);
    const why = unfit(attack, target, norm);
    if (why !== undefined) {
      const fitting = attacks.all.filter((other) => unfit(other, target, norm) === undefined).map((other) => other.id);
      throw new ModelkeepError("assess/bad-attacks", {
        message: `attack ${quote(id)} does not fit: ${why}`,
        hint: fitting.length === 0 ? "no attack fits this model under this norm" : `fitting: ${fitting.join(", ")}`,
        status: 400,
        exit: 4,
      });
    }
    return { attack, params: {}, scope: "all" };
  });
}

function wished(target: AttackTarget, norm: Norm): readonly PlannedAttack[] {
  const planned: PlannedAttack[] = [];
  for (const { id, ...wish } of wishes[target.knowledge]) {
    if (!attacks.has(id)) continue;
    const attack = attacks.get(id);
    // Parameters that an attack does not know would be refused: those that fit are kept.
    if (unfit(attack, target, norm) === undefined) planned.push({ attack, ...wish, params: fitting(attack, wish.params) });
  }
  return planned;
}

function fitting(attack: Attack, params: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(params).filter(([name, value]) => attack.params.safeParse({ [name]: value }).success));
}

/** Why an attack cannot be run, undefined when it can. */
export function unfit(attack: Attack, target: AttackTarget, norm: Norm): string | undefined {
  if (attack.aim === "nothing") return "it does not look for wrong answers";
  if (!gives(target, attack.needs))
    return `it needs ${attack.needs === "gradient" ? "gradients" : "scores"}, and the target tells ${target.knowledge}`;
  if (!attack.norms.includes(norm)) return `it has no form for ${norm}`;
  const classes = realClasses(target);
  return classes < attack.classes ? `it needs ${attack.classes} classes, the model has ${classes}` : undefined;
}
