import type { Meter } from "./define.ts";

/** Mean absolute error, root of the mean square, and the share of the labels' variance that is explained. */
export function numberMeter(): Meter {
  let [n, absolute, square, sum, sumSquare, loss, rows] = [0, 0, 0, 0, 0, 0, 0];
  return {
    see({ scores, labels, losses }) {
      for (let i = 0; i < labels.length; i++) {
        const [error, label] = [scores[i]! - labels[i]!, labels[i]!];
        n++;
        absolute += Math.abs(error);
        square += error * error;
        sum += label;
        sumSquare += label * label;
      }
      for (const value of losses) loss += value;
      rows += losses.length;
    },
    read: () => {
      const variance = sumSquare - (sum * sum) / n;
      return {
        mae: absolute / n,
        rmse: Math.sqrt(square / n),
        r2: variance > 0 ? 1 - square / variance : Number.NaN,
        loss: loss / rows,
      };
    },
  };
}
