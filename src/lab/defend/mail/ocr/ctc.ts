/** From scores of letters at places along a line to its text: greedy decoding of connectionist temporal classification (Graves et al. 2006). */

export interface Decoded {
  readonly text: string;
  /** Mean probability of the letters; 0 without any. */
  readonly confidence: number;
}

/** Scores of one line: `steps` rows of `classes` probabilities, class 0 the blank. */
export interface LineScores {
  readonly scores: Float32Array;
  readonly steps: number;
  readonly classes: number;
}

/**
 * What the space must reach between two letters. The models were trained on Chinese first, which has none: they see a gap between English
 * words and yet call it blank, with a space far behind but two orders of magnitude above what it has inside words.
 */
const gapThreshold = 0.05;

/** The best class of each place, without repeats and blanks. `letters[k]` is class k + 1, and the last of them the space. */
export function decodeCtc({ scores, steps, classes }: LineScores, letters: readonly string[]): Decoded {
  const space = letters.length;
  let text = "";
  let [before, gap] = [0, 0];
  let [sum, count] = [0, 0];
  for (let step = 0; step < steps; step++) {
    const at = step * classes;
    let best = 0;
    for (let k = 1; k < classes; k++) if (scores[at + k]! > scores[at + best]!) best = k;
    if (best === 0 || best === space) gap += scores[at + space] ?? 0;
    else if (best !== before) {
      text += (gap >= gapThreshold && text !== "" ? " " : "") + (letters[best - 1] ?? "");
      gap = 0;
      sum += scores[at + best]!;
      count++;
    }
    before = best;
  }
  return { text, confidence: count === 0 ? 0 : sum / count };
}
