import type { Meter, Seen } from "./define.ts";

/** What is known of one class. */
export interface ClassFigures {
  readonly class: string;
  /** Examples of it. */
  readonly n: number;
  /** Share of them that were found. */
  readonly accuracy: number;
  /** Share of what was called so that is so; null when nothing was. */
  readonly precision: number | null;
}

/** Accuracy, the five best guesses, and classes one by one. Ties go to the first class, as in NumPy's argmax. */
export function classMeter(classes: number, names: readonly string[] = []): Meter & { perClass(): readonly ClassFigures[] } {
  let [n, hits, near, loss] = [0, 0, 0, 0];
  const [examples, found, called] = [new Float64Array(classes), new Float64Array(classes), new Float64Array(classes)];
  function one(scores: Float32Array, at: number, label: number): void {
    let best = 0;
    for (let i = 1; i < classes; i++) if (scores[at + i]! > scores[at + best]!) best = i;
    let before = 0;
    const own = scores[at + label]!;
    for (let i = 0; i < classes; i++) {
      const score = scores[at + i]!;
      if (score > own || (score === own && i < label)) before++;
    }
    n++;
    examples[label]!++;
    called[best]!++;
    if (best === label) {
      hits++;
      found[label]!++;
    }
    if (before < 5) near++;
  }
  return {
    see({ scores, width, labels, losses }: Seen) {
      for (let i = 0; i < labels.length; i++) one(scores, i * width, labels[i]!);
      for (const value of losses) loss += value;
    },
    read: () => ({ accuracy: hits / n, ...(classes > 5 ? { top5: near / n } : {}), loss: loss / n }),
    perClass: () =>
      Array.from({ length: classes }, (_, i) => ({
        class: names[i] ?? String(i),
        n: examples[i]!,
        accuracy: examples[i] === 0 ? 0 : found[i]! / examples[i]!,
        precision: called[i] === 0 ? null : found[i]! / called[i]!,
      })),
  };
}
