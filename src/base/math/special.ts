/**
 * Special functions that statistics stand on: gamma, incomplete beta and gamma, the normal distribution and its inverse. References are to
 * the NIST Digital Library of Mathematical Functions (dlmf.nist.gov).
 */

/** Lanczos's coefficients for g = 7, nine terms (Lanczos 1964, SIAM J. Numer. Anal. 1:86): fifteen digits for every positive argument. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln Γ(x) for x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x); // DLMF 5.5.3
  const z = x - 1;
  const t = z + 7.5;
  const series = lanczos.reduce((sum, coefficient, i) => (i === 0 ? coefficient : sum + coefficient / (z + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(series);
}

/** ln B(a, b). For a large argument lnΓ(l + s) − lnΓ(l) is taken from Stirling's series at once: the difference of the two has lost its digits. */
function logBeta(a: number, b: number): number {
  const [small, large] = a < b ? [a, b] : [b, a];
  if (large < 10) return logGamma(a) + logGamma(b) - logGamma(a + b);
  const sum = a + b;
  const rise = (large - 0.5) * Math.log1p(small / large) + small * Math.log(sum) - small + stirling(sum) - stirling(large);
  return logGamma(small) - rise;
}

/** What Stirling's formula lacks of ln Γ(x), for x ≥ 10 (DLMF 5.11.1). */
function stirling(x: number): number {
  const s = 1 / (x * x);
  return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - (s * 691) / 360_360))))) / x;
}

/** A continued fraction by Lentz's method (Lentz 1976, modified by Thompson and Barnett 1986). `term(i)` gives aᵢ and bᵢ, from i = 1. */
function continuedFraction(first: number, term: (i: number) => readonly [a: number, b: number]): number {
  const tiny = 1e-300;
  let f = first === 0 ? tiny : first;
  let [c, d] = [f, 0];
  for (let i = 1; i < 10_000; i++) {
    const [a, b] = term(i);
    d = b + a * d || tiny;
    c = b + a / c || tiny;
    d = 1 / d;
    const change = c * d;
    f *= change;
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return f;
}

/**
 * The regularised incomplete beta function I_x(a, b), DLMF 8.17.22; for integers the upper tail of a binomial distribution.
 * @example regularizedBeta(0.5, 2, 2); // 0.5
 */
export function regularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on one side of the mean only; DLMF 8.17.4 gives the other.
  if (x > (a + 1) / (a + b + 2)) return 1 - regularizedBeta(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a;
  const fraction = continuedFraction(1, (i) => {
    const m = i >> 1;
    const d =
      i % 2 === 0
        ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
        : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    return [d, 1];
  });
  return front / fraction;
}

/** The x at which I_x(a, b) is `p`: by bisection, because I is monotone and sixty halvings are exact. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  let [low, high] = [0, 1];
  for (let i = 0; i < 1100 && high - low > Number.EPSILON * high; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (regularizedBeta(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** erfc(x): the series DLMF 7.6.2 near zero, the continued fraction 7.9.1 far from it. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  const square = x * x;
  if (x < 2) {
    let term = (2 / Math.sqrt(Math.PI)) * x * Math.exp(-square);
    let sum = term;
    for (let n = 1; term > sum * 1e-17 && n < 200; n++) sum += term *= (2 * square) / (2 * n + 1);
    return 1 - sum;
  }
  if (x > 27.3) return 0;
  return Math.exp(-square) / Math.sqrt(Math.PI) / continuedFraction(x, (i) => [i / 2, x]);
}

/** The standard normal distribution Φ. */
export const normalCdf = (z: number): number => 0.5 * erfc(-z / Math.SQRT2);

/** Φ⁻¹ to the last digits: a start within a per cent, then Halley's method. @example normalQuantile(0.975); // 1.959963984540054 */
export function normalQuantile(p: number): number {
  if (!(p > 0)) return p === 0 ? -Infinity : Number.NaN;
  if (p >= 1) return p === 1 ? Infinity : Number.NaN;
  if (p > 0.5) return -normalQuantile(1 - p);
  // Abramowitz and Stegun 26.2.23, |error| < 4.5e-4.
  const t = Math.sqrt(-2 * Math.log(p));
  let z = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
  for (let i = 0; i < 4; i++) {
    const error = ((normalCdf(z) - p) * Math.sqrt(2 * Math.PI)) / Math.exp((-z * z) / 2);
    z -= error / (1 + (z * error) / 2);
  }
  return z;
}
