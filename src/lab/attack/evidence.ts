/** What the verdict's audit wants to know of an attack: whether its loss still rose at the end, whether starting again still helped, whether there were gradients. */

/** Steps at the end over which a rise counts as "not finished" (Pintor et al. 2022, arXiv:2106.09947). */
const window = 10;

/** The loss of an attack, in figures. */
export interface LossTrace {
  /** Mean over the examples of the best loss so far, at each step; examples that fell keep their last one. */
  readonly mean: readonly number[];
  /** For each example, how much its best loss rose in the last ten steps over how much it rose in all; NaN where nothing was recorded. */
  readonly lateRise: Float64Array;
}

/** What was seen of gradients and losses in one pass over the examples. */
export interface Evidence {
  trace(): LossTrace;
  /** Examples standing when each start began, from the first on. */
  readonly restarts: readonly number[];
  /** Examples whose first gradient was zero everywhere, and answers with a gradient or loss that is no number. */
  readonly zeroGradients: Uint8Array;
  readonly nonFiniteGradients: number;
}

/** Collects while an attack runs. */
export interface EvidenceRecorder extends Evidence {
  loss(examples: Int32Array, values: Float32Array): void;
  gradient(examples: Int32Array, gradient: Float32Array): void;
  restart(standing: number): void;
}

/** A recorder for `size` examples. */
export function recordEvidence(size: number, rowSize: number): EvidenceRecorder {
  const best = new Float64Array(size).fill(-Infinity);
  const first = new Float64Array(size).fill(NaN);
  // A ring of the best losses of the last steps of each example.
  const ring = new Float64Array(size * (window + 1));
  const steps = new Uint32Array(size);
  const mean: number[] = [];
  const seen = new Uint8Array(size);
  const zeroGradients = new Uint8Array(size);
  const restarts: number[] = [];
  let nonFinite = 0;
  return {
    restarts,
    zeroGradients,
    get nonFiniteGradients() {
      return nonFinite;
    },
    loss(examples, values) {
      for (const [i, example] of examples.entries()) {
        const value = values[i]!;
        if (!Number.isFinite(value)) {
          nonFinite++;
          continue;
        }
        if (steps[example] === 0) first[example] = value;
        best[example] = Math.max(best[example]!, value);
        ring[example * (window + 1) + (steps[example]! % (window + 1))] = best[example]!;
        steps[example]!++;
      }
      mean.push(meanOf(best));
    },
    gradient(examples, gradient) {
      for (const [i, example] of examples.entries()) {
        if (seen[example] === 1) continue;
        seen[example] = 1;
        let any = false;
        for (let j = 0; j < rowSize && !any; j++) any = gradient[i * rowSize + j]! !== 0;
        if (!any) zeroGradients[example] = 1;
      }
    },
    restart(standing) {
      restarts.push(standing);
      steps.fill(0);
      best.fill(-Infinity);
    },
    trace: () => ({
      mean,
      lateRise: Float64Array.from(steps, (count, example) => {
        if (count <= window) return NaN;
        const earlier = ring[example * (window + 1) + (count % (window + 1))]!;
        const range = best[example]! - first[example]!;
        return range > 0 ? (best[example]! - earlier) / range : 0;
      }),
    }),
  };
}

function meanOf(values: Float64Array): number {
  let total = 0;
  let count = 0;
  for (const value of values) {
    if (value === -Infinity) continue;
    total += value;
    count++;
  }
  return count === 0 ? NaN : total / count;
}
