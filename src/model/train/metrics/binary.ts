import type { Meter } from "./define.ts";

/**
 * Accuracy at a logit of 0, and the area under the ROC curve: the chance that an example of 1 scores above one of 0, ties by half
 * (Mann and Whitney; Fawcett 2006, "An introduction to ROC analysis").
 */
export function binaryMeter(): Meter {
  const scores: number[] = [];
  const labels: number[] = [];
  let [loss, rows, hits] = [0, 0, 0];
  return {
    see(seen) {
      for (const value of seen.losses) loss += value;
      rows += seen.losses.length;
      for (let i = 0; i < seen.labels.length; i++) {
        const [score, label] = [seen.scores[i]!, seen.labels[i]! >= 0.5 ? 1 : 0];
        scores.push(score);
        labels.push(label);
        if (score > 0 === (label === 1)) hits++;
      }
    },
    read: () => ({ accuracy: hits / labels.length, auc: areaUnderCurve(scores, labels), loss: loss / rows }),
  };
}

/** NaN when one of the two classes is not there. */
export function areaUnderCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let [ranks, positives, from] = [0, 0, 0];
  while (from < order.length) {
    let to = from + 1;
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) to++;
    const rank = (from + 1 + to) / 2;
    for (const at of order.slice(from, to)) {
      if (labels[at] !== 1) continue;
      ranks += rank;
      positives++;
    }
    from = to;
  }
  const negatives = order.length - positives;
  return positives === 0 || negatives === 0 ? Number.NaN : (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}
