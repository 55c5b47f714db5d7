/** Everything that is known of a target without an attack: its answers, how steady they are, what its gradients are like. */
import { createSeeded } from "../../base/math/index.ts";
import { averagedScores } from "./adaptive/views.ts";
import type { EarlyFacts } from "./audit/define.ts";
import { probeTarget } from "./probe.ts";
import { realClasses } from "../attack/index.ts";
import { spanOf } from "./trials.ts";
import type { Work } from "./work.ts";

export async function look(work: Work): Promise<EarlyFacts> {
  const { options, target } = work;
  const { subject, x, labels, bounds, signal, seed = 0 } = options;
  // A target that costs something is asked once for each example and no more.
  const paid = options.queries !== undefined;
  const smallest = Math.min(
    ...options.threats.flatMap(({ norm, epsilons }) => (norm === "linf" ? epsilons : [])),
    spanOf(bounds) / 10,
  );
  const probe = paid
    ? {
        examples: 0,
        unsteady: 0,
        nonFiniteAnswers: 0,
        probabilities: false,
        saturated: 0,
        margin: Number.NaN,
        gradient: undefined,
      }
    : await probeTarget({
        target,
        x,
        labels,
        bounds,
        reach: smallest,
        rng: createSeeded(seed, 5),
        // How far off an answer is has a kink where the answer is exact.
        smooth: subject.task === undefined ? "margin" : "cross-entropy",
        signal,
      });
  if (options.resume === undefined) {
    const scores = await averagedScores(target, probe.unsteady > 1e-4 ? 12 : 1)(
      { x, count: labels.length },
      { signal, ...(paid ? { again: work.again } : {}) },
    );
    work.setClean(
      Uint8Array.from(labels, (label, row) =>
        rightRow(scores.subarray(row * target.classes, (row + 1) * target.classes), label) ? 1 : 0,
      ),
    );
  }
  const cleanAccuracy = work.clean().reduce((sum, right) => sum + right, 0) / labels.length;
  options.onEvent?.({ kind: "clean", accuracy: cleanAccuracy, size: labels.length });
  let [min, max] = [Infinity, -Infinity];
  for (const value of x) [min, max] = [Math.min(min, value), Math.max(max, value)];
  const { facts, controlFlow } = subject;
  return {
    target,
    facts,
    controlFlow,
    probe,
    bounds,
    boundsTold: options.boundsTold,
    data: { size: labels.length, min, max },
    cleanAccuracy,
    classes: realClasses(target),
    // Whether an answer of a task holds is no guess among classes.
    chance: subject.task === undefined ? 1 / realClasses(target) : 0,
  };
}

function rightRow(scores: Float32Array, label: number): boolean {
  // The first of equal scores is the answer, as ArgMax has it.
  let best = 0;
  for (let k = 0; k < scores.length; k++) {
    if (Number.isNaN(scores[k]!)) return false;
    if (scores[k]! > scores[best]!) best = k;
  }
  return best === label;
}
