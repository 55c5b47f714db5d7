/**
 * Randomised smoothing: the class that a model says most often of an example under Gaussian noise cannot change within an l2 radius that follows
 * from how often it says it. Cohen, Rosenfeld and Kolter 2019 (arXiv:1902.02918), section 3.2 and algorithm CERTIFY.
 */
import { createSeeded, lowerBound, normalQuantile } from "../../../base/math/index.ts";
import type { AttackTarget } from "../../attack/index.ts";
import { badOption } from "../refuse.ts";

/** How an example is smoothed. */
export interface SmoothingSettings {
  /** Deviation of the noise, in input units. */
  readonly sigma: number;
  /** Draws that choose the class. */
  readonly n0: number;
  /** Draws that count how often it is said. */
  readonly n: number;
  /** Chance that a certificate is wrong. */
  readonly alpha: number;
  readonly seed: number;
}

/** What is known of one example. */
export interface Certificate {
  /** The class of the smoothed model; −1 where it abstains. */
  readonly predicted: number;
  /** No change of this l2 length changes the class, but for a chance of `alpha`; 0 where it abstains. */
  readonly radius: number;
  /** How often each class was said while one was chosen; answers that were no class are in none. */
  readonly chosen: readonly number[];
  /** How often the chosen class was said afterwards, of `n`. */
  readonly top: number;
}

/** Fills an array with the noise of an example's draws `from` onwards; `width` numbers a draw. */
export type Noise = (out: Float32Array, at: { readonly row: number; readonly from: number; readonly width: number }) => void;

/**
 * The certified radius of a class that was said `top` times of `n`: σ Φ⁻¹(p̲), with p̲ the exact one-sided lower bound of its share (Clopper and
 * Pearson 1934). 0 where p̲ is not above one half: then nothing is certified.
 * @example radiusOf(990, { n: 1000, alpha: 0.001, sigma: 1 }); // 1.97801…
 */
export function radiusOf(top: number, { n, alpha, sigma }: Pick<SmoothingSettings, "n" | "alpha" | "sigma">): number {
  const share = lowerBound(top, n, alpha);
  return share > 0.5 ? sigma * normalQuantile(share) : 0;
}

/** Draws asked of the model at once. */
const chunk = 256;

/**
 * Certifies one example after another. The draws that choose are not those that count: else the bound would not hold (section 3.2.2).
 * @param x the examples, `target.rowSize` numbers each
 * @throws defend/bad-option
 */
export async function* certifyBySmoothing(
  target: AttackTarget,
  x: Float32Array,
  settings: SmoothingSettings,
  noise: Noise = seededNoise(settings),
): AsyncGenerator<Certificate> {
  check(settings);
  const { n0, n } = settings;
  const width = target.rowSize;
  for (let row = 0; row * width < x.length; row++) {
    const example = x.subarray(row * width, (row + 1) * width);
    const ask = { target, example, noise, row };
    const chosen = await countClasses(ask, 0, n0);
    const best = chosen.indexOf(Math.max(...chosen));
    const top = chosen[best] === 0 ? 0 : (await countClasses(ask, n0, n))[best]!;
    const radius = radiusOf(top, settings);
    yield { predicted: radius > 0 ? best : -1, radius, chosen, top };
  }
}

interface Ask {
  readonly target: AttackTarget;
  readonly example: Float32Array;
  readonly noise: Noise;
  readonly row: number;
}

async function countClasses({ target, example, noise, row }: Ask, first: number, draws: number): Promise<number[]> {
  const width = example.length;
  const counts = Array.from({ length: target.classes }, () => 0);
  for (let done = 0; done < draws; done += chunk) {
    const count = Math.min(chunk, draws - done);
    const x = new Float32Array(count * width);
    noise(x, { row, from: first + done, width });
    for (let i = 0; i < x.length; i++) x[i]! += example[i % width]!;
    for (const label of await target.decide({ x, count })) if (label >= 0) counts[label]!++;
  }
  return counts;
}

/** Normal numbers by seed, example and draw (Marsaglia's polar method, 1964, both numbers of a pair). */
export function seededNoise({ sigma, seed }: Pick<SmoothingSettings, "sigma" | "seed">): Noise {
  return (out, { row, from }) => {
    const rng = createSeeded(seed, 0x5307, row, from);
    for (let i = 0; i < out.length;) {
      const u = rng.uint32() * 2 ** -31 - 1;
      const v = rng.uint32() * 2 ** -31 - 1;
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const scale = sigma * Math.sqrt((-2 * Math.log(s)) / s);
      out[i++] = u * scale;
      if (i < out.length) out[i++] = v * scale;
    }
  };
}

function check({ sigma, n0, n, alpha }: SmoothingSettings): void {
  if (!(sigma > 0 && Number.isFinite(sigma))) throw badOption(`noise of deviation ${sigma}`, "for example --sigma 0.25");
  for (const count of [n0, n])
    if (!(Number.isSafeInteger(count) && count >= 1))
      throw badOption(`${count} draws`, "a whole number from 1, for example --n 10000");
  if (!(alpha > 0 && alpha < 1)) throw badOption(`a chance of error of ${alpha}`, "between 0 and 1, for example --alpha 0.001");
}
