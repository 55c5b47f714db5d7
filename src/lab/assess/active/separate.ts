/** A linear layer that tells one point from many others. */

/** A score of features: their product with the weights, and the bias. */
export interface Layer {
  readonly weights: Float64Array;
  readonly bias: number;
}

/**
 * A linear layer that is above 0 at the last point only: ridge regression in its dual form (as many unknowns as points). Undefined when the
 * features do not tell the points apart.
 */
export function separate(features: Float32Array, count: number): Layer | undefined {
  const width = features.length / count;
  const mean = new Float64Array(width);
  for (let point = 0; point < count - 1; point++)
    for (let i = 0; i < width; i++) mean[i]! += features[point * width + i]! / (count - 1);
  const centred = Float64Array.from(features, (value, at) => value - mean[at % width]!);
  const gram = Array.from({ length: count }, (_, a) =>
    Float64Array.from({ length: count }, (_unused, b) => dot(centred, a * width, centred, { to: b * width, width })),
  );
  const trace = gram.reduce((sum, row, i) => sum + row[i]!, 0);
  if (!(trace > 0) || !Number.isFinite(trace)) return undefined;
  for (let i = 0; i < count; i++) gram[i]![i]! += (1e-3 * trace) / count;
  const alpha = solve(
    gram,
    Float64Array.from({ length: count }, (_, i) => (i === count - 1 ? 1 : 0)),
  );
  const weights = new Float64Array(width);
  for (let point = 0; point < count; point++)
    for (let i = 0; i < width; i++) weights[i]! += alpha[point]! * centred[point * width + i]!;
  const scores = Array.from({ length: count }, (_, point) => dot(features, point * width, weights, { to: 0, width }));
  const planted = scores[count - 1]!;
  const harmless = Math.max(...scores.slice(0, -1));
  const spread = planted - harmless;
  if (!(spread > 1e-6 * Math.abs(planted))) return undefined;
  // Nearer to the planted point: chance must not find it.
  const threshold = harmless + 0.7 * spread;
  return { weights: weights.map((value) => value / spread), bias: -threshold / spread };
}

/** The product of two rows of `width` numbers, each at its place. */
function dot(a: Numbers, from: number, b: Numbers, { to, width }: { readonly to: number; readonly width: number }): number {
  let sum = 0;
  for (let i = 0; i < width; i++) sum += a[from + i]! * b[to + i]!;
  return sum;
}

type Numbers = Float32Array | Float64Array;

/** Cholesky's method for a positive definite system. */
function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const n = right.length;
  const lower = matrix.map((row) => row.slice());
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = lower[i]![j]!;
      for (let k = 0; k < j; k++) sum -= lower[i]![k]! * lower[j]![k]!;
      lower[i]![j] = i === j ? Math.sqrt(Math.max(sum, 1e-300)) : sum / lower[j]![j]!;
    }
  }
  const y = right.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) y[i]! -= lower[i]![k]! * y[k]!;
    y[i]! /= lower[i]![i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) y[i]! -= lower[k]![i]! * y[k]!;
    y[i]! /= lower[i]![i]!;
  }
  return y;
}
