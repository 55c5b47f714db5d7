/** Sentences that a manager can repeat. */
import { markup } from "../markup.ts";
import type { AssessmentFacts, ThreatFacts } from "./facts.ts";

/** `98.2 %`. */
export const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;

/** Three digits of a figure. */
export const rounded = (value: number): string => `${Number(value.toPrecision(3))}`;

/** A difference of shares: `1.5 points`. */
export const points = (share: number): string => `${Number((100 * share).toFixed(1))} points`;

/** How far a change goes, in words. */
export function changeOf({ norm, epsilon }: Pick<ThreatFacts, "norm" | "epsilon">): string {
  if (norm === "linf") return `changes of at most ${epsilon} in each value`;
  if (norm === "l0") return `changes of at most ${epsilon} values`;
  return `changes of length ${epsilon} (${norm})`;
}

/** The one sentence: the verdict of the smallest radius that breaks the model, or of the largest that does not. */
export function leadOf({ threats, cleanAccuracy, data }: AssessmentFacts): string {
  const sorted = threats.toSorted((a, b) => a.epsilon - b.epsilon);
  const clean = `${percent(cleanAccuracy)} of ${data.size} answers are right`;
  const broken = sorted.find(({ verdict }) => verdict === "broken");
  const robust = sorted.findLast(({ verdict }) => verdict === "robust");
  if (broken !== undefined) {
    const until =
      robust !== undefined && robust.norm === broken.norm && robust.epsilon < broken.epsilon
        ? ` It holds up to ${robust.epsilon}.`
        : "";
    return `${clean}; with ${changeOf(broken)}, ${percent(broken.robustAccuracy)} are.${until}`;
  }
  const doubt = sorted.find(({ verdict }) => verdict === "not shown");
  if (doubt !== undefined)
    return `${clean}. That the model withstands ${changeOf(doubt)} was not shown: the attacks that failed were not good enough to say so.`;
  if (robust !== undefined)
    return `${clean}, and ${percent(robust.robustAccuracy)} stay right whatever we tried with ${changeOf(robust)}.`;
  return `${clean}; nothing was attacked.`;
}

/** What to do, most useful first, as markup. */
export function nextSteps({ task, threats, audit, model, requirements }: AssessmentFacts): string[] {
  const steps: string[] = [];
  const file = markup(model.file, 200);
  const broken = threats.find(({ verdict }) => verdict === "broken");
  const isClassifier = task === "classification";
  if (broken !== undefined && !isClassifier) {
    steps.push(
      "Train it on examples that are moved so: attacks of this report are in <code>adversarial.npz</code>, with the distance of each.",
      "Put a bound on what its answer may set off by itself, and ask a second source where the answer decides.",
    );
  }
  if (broken !== undefined && isClassifier) {
    steps.push(
      `Harden the model: <code>modelkeep harden ${file} --threat ${markup(broken.norm)}:${broken.epsilon} --out hardened.onnx</code>, then assess it again and compare.`,
    );
    steps.push(
      "Serve it where questions are counted and limited: most attacks without the file need hundreds of questions (<code>modelkeep serve</code>).",
    );
  }
  const failures = new Set(audit.filter(({ status }) => status === "failed").map(({ check }) => check));
  for (const check of [...failures].slice(0, 4))
    steps.push(`Read what the failed check means: <code>modelkeep explain assess/${markup(check)}</code>.`);
  if (requirements.length === 0)
    steps.push(
      "Set a threshold that a pipeline holds the model to: <code>--require &quot;robust_accuracy@linf:0.1 &gt;= 0.60&quot;</code>.",
    );
  if (isClassifier)
    steps.push("A figure from attacks is an upper bound. For a lower bound, certify: <code>modelkeep certify</code>.");
  return steps;
}
