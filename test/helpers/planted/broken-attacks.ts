/** Attacks that are broken, planted between an honest model and who attacks it: the model seems robust, and the audit must say that it was not shown. */
import type { AttackTarget, WhiteBox } from "../../../src/lab/attack/index.ts";

export interface BrokenAttack {
  readonly name: string;
  /** The target as the broken attack sees it. */
  readonly spoil: (target: AttackTarget) => AttackTarget;
}

type Gradient = WhiteBox["gradient"];

/** The target with another gradient; nothing else tells its slopes. */
function withGradient(target: AttackTarget, change: (gradient: Gradient) => Gradient): AttackTarget {
  const { climb: _climb, ...box } = target.whiteBox!;
  return { ...target, whiteBox: { ...box, gradient: change(box.gradient) } };
}

export const brokenAttacks: readonly BrokenAttack[] = [
  {
    name: "the sign of the gradient is wrong",
    spoil: (target) =>
      withGradient(target, (gradient) => async (...asked) => {
        const answer = await gradient(...asked);
        return { ...answer, gradient: answer.gradient.map((value) => -value) };
      }),
  },
  {
    name: "the gradient fails after its first step",
    spoil(target) {
      let [calls, first] = [0, undefined as Float32Array | undefined];
      return withGradient(target, (gradient) => async (loss, rows, ...more) => {
        const answer = await gradient(loss, rows, ...more);
        // The points of a later step are others: their slopes come back as nothing.
        const again = first !== undefined && rows.x.length === first.length && calls++ > 0;
        first = rows.x;
        return again ? { ...answer, gradient: new Float32Array(answer.gradient.length) } : answer;
      });
    },
  },
  {
    name: "the gradient is that of the class instead of the loss",
    spoil: (target) =>
      withGradient(target, (gradient) => async (loss, rows, feed, options) => {
        const labels = feed.labels.map((label) => (label + 1) % target.classes);
        return gradient(loss, rows, { ...feed, labels }, options);
      }),
  },
  {
    // Answers that are wrong on the way stay unseen.
    name: "the scores beside the gradient are those of the first question",
    spoil(target) {
      const known = new Map<number, Float32Array>();
      return withGradient(target, (gradient) => async (...asked) => {
        const answer = await gradient(...asked);
        const first = known.get(answer.scores.length) ?? answer.scores.slice();
        known.set(first.length, first);
        return { ...answer, scores: first };
      });
    },
  },
  {
    name: "the gradient's graph does not compute the model",
    spoil: (target) =>
      withGradient(
        target,
        (gradient) =>
          async (loss, rows, ...more) =>
            gradient(loss, { ...rows, x: rows.x.map((value) => 1 - value) }, ...more),
      ),
  },
];
