/** Scores as logits, whatever a server makes of them. */
import { leastProbability } from "../white/logarithms.ts";

/**
 * Whether rows of so many numbers are probabilities; a single one for each example, when it lies between 0 and 1.
 * @param slack how far a row's sum may be from 1; servers may round what they release
 */
export function areProbabilities(values: Float32Array, classes: number, slack = 0.02): boolean {
  for (let row = 0; row < values.length; row += classes) {
    let sum = 0;
    for (let k = row; k < row + classes; k++) {
      if (!(values[k]! >= 0 && values[k]! <= 1)) return false;
      sum += values[k]!;
    }
    if (classes > 1 && Math.abs(sum - 1) > slack) return false;
  }
  return values.length > 0;
}

export const logarithm = (value: number): number => Math.log(Math.max(value, leastProbability));

/** A score s as the logits 0 and s; of a probability p the logarithms of 1 − p and p. */
export function twoScores(values: Float32Array, probabilities: boolean): Float32Array {
  const both = new Float32Array(values.length * 2);
  for (const [row, value] of values.entries())
    both.set(probabilities ? [logarithm(1 - value), logarithm(value)] : [Number.isNaN(value) ? value : 0, value], row * 2);
  return both;
}
