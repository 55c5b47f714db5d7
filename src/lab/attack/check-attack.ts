/** Refusals before a run begins: an attack, a target and data that do not fit each other. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import type { Attack, AttackFacts } from "./define.ts";
import type {} from "./errors.ts";
import { realClasses } from "./target.ts";
import type { AttackTarget, Knowledge } from "./target.ts";
import type { Threat } from "./threat.ts";

const order: readonly Knowledge[] = ["decisions", "scores", "gradient"];

/** Whether a target tells as much as an attack needs. */
export const gives = (target: AttackTarget, needs: Knowledge): boolean => order.indexOf(target.knowledge) >= order.indexOf(needs);

/** @throws attack/needs-more · attack/bad-threat */
export function checkAttack(attack: AttackFacts, target: AttackTarget, { norm, goal }: Threat): void {
  if (!gives(target, attack.needs)) {
    throw new ModelkeepError("attack/needs-more", {
      message: `${attack.id} needs ${attack.needs === "gradient" ? "the gradient" : "scores"}, ${quote(target.name)} gives ${target.knowledge} only`,
      hint: "`modelkeep assess --attacks auto` takes attacks that fit what the target tells",
      status: 400,
      exit: 4,
    });
  }
  const refuse = (message: string, hint: string): never => {
    throw new ModelkeepError("attack/bad-threat", { message, hint, status: 400, exit: 4 });
  };
  if (!attack.norms.includes(norm)) refuse(`${attack.id} has no form for ${norm}`, `its norms: ${attack.norms.join(", ")}`);
  if (goal?.kind === "targeted" && !attack.targeted)
    refuse(`${attack.id} cannot be told which class to reach`, "take an untargeted goal");
  if (realClasses(target) < attack.classes) {
    refuse(
      `${attack.id} needs ${attack.classes} classes, the model has ${realClasses(target)}`,
      "take another loss, such as cross-entropy or margin",
    );
  }
}

/** Checks a wanted lead. @throws attack/bad-params */
export function checkConfidence({ id, aim }: AttackFacts, target: AttackTarget, confidence: number | undefined): void {
  if (confidence === undefined) return;
  const wrong =
    aim !== "radius"
      ? `${id} looks for the nearest wrong answer`
      : target.scores === undefined
        ? `${quote(target.name)} gives no scores`
        : !(confidence >= 0 && Number.isFinite(confidence))
          ? `a lead of ${confidence}`
          : undefined;
  if (wrong === undefined) return;
  throw new ModelkeepError("attack/bad-params", {
    message: `no confidence can be asked for: ${wrong}`,
    hint: "a number from 0, in logits, for an attack at a fixed radius on a target that gives scores; `pgd` is one",
    status: 400,
    exit: 4,
  });
}

/** Checks examples and labels; gives their number. @throws attack/bad-data */
export function checkData(target: AttackTarget, x: Float32Array, labels: Int32Array, { goal }: Threat): number {
  const size = x.length / target.rowSize;
  const refuse = (message: string, hint: string): never => {
    throw new ModelkeepError("attack/bad-data", { message, hint, status: 400, exit: 4 });
  };
  if (size === 0) refuse("there are no examples", "give at least one");
  if (!Number.isInteger(size)) {
    refuse(
      `${x.length} numbers are no whole number of examples of ${target.rowSize}`,
      `an example is [${target.rowDims.join(", ")}]`,
    );
  }
  const lists = goal?.kind === "targeted" ? [labels, goal.targets] : [labels];
  for (const list of lists) {
    if (list.length !== size) refuse(`${size} examples and ${list.length} labels`, "give one label for each example");
    const wrong = list.findIndex((label) => label < 0 || label >= realClasses(target));
    if (wrong >= 0)
      refuse(`label ${list[wrong]} of example ${wrong} is no class`, `the model has classes 0 … ${realClasses(target) - 1}`);
  }
  const strange = x.findIndex((value) => !Number.isFinite(value));
  if (strange >= 0)
    refuse(
      `number ${strange % target.rowSize} of example ${Math.floor(strange / target.rowSize)} is not finite`,
      "clean the data first",
    );
  return size;
}

/** Parameters with their defaults. @throws attack/bad-params */
export function paramsFor<Params>(attack: Attack<Params>, given: unknown): Params {
  const { success, data, error } = attack.params.safeParse(given ?? {});
  if (success) return data;
  const [issue] = error.issues;
  throw new ModelkeepError("attack/bad-params", {
    message: `${attack.id}: ${quote(issue!.path.join("."))} ${issue!.message.toLowerCase()}`,
    hint: "`docs/guide/attacks.md` lists each attack's parameters and their defaults",
    status: 400,
    exit: 4,
  });
}
