/** One more attack, with more steps and starts than those before it: whether a longer one would have found more. */
import { attacks } from "../attack/index.ts";
import type { Attack } from "../attack/index.ts";
import type { PlannedAttack } from "./plan.ts";

/** The attack that must not find anything new. */
export const strongerAttack = (): PlannedAttack => ({
  attack: longer(attacks.get("pgd")),
  params: { steps: 120, restarts: 2, loss: "margin" },
  scope: "standing",
  most: 100,
});

const longer = (attack: Attack): Attack => ({ ...attack, id: "longer", title: `${attack.title}, three times as long` });

/** Whether a record is of that attack. */
export const strengthened = (key: string): boolean => key === "longer" || key === "adaptive longer";
