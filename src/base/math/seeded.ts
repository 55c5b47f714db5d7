/**
 * Randomness that can be repeated: xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), seeded by
 * SplitMix64 as its authors advise. For statistics only; secrets and noise for privacy come from the `Random` port.
 */

export interface Seeded {
  /** 32 uniform bits. */
  uint32(): number;
  /** Uniform in 0 … `bound` − 1, without bias; `bound` is 1 … 2^32. */
  below(bound: number): number;
  /** Uniform in [0, 1), a multiple of 2^-53. */
  unit(): number;
}

/**
 * A generator for one purpose. Equal seeds and streams give equal numbers on every machine; different streams of one seed, such as
 * epochs, have nothing in common.
 *
 * @example
 * const dice = createSeeded(7, 3); // seed 7, epoch 3
 * dice.below(6);
 */
export function createSeeded(seed: number, ...stream: readonly number[]): Seeded {
  let state = mix(toBits(seed));
  for (const part of stream) state = mix(state ^ mix(toBits(part) + golden));
  const [low, high] = [mix(state + golden), mix(state + 2n * golden)];
  return fromState([Number(low & mask32), Number(low >> 32n), Number(high & mask32), Number(high >> 32n)]);
}

/** The generator in a state of its own, at least one word of which is not 0. */
export function fromState(words: readonly [number, number, number, number]): Seeded {
  let [a, b, c, d] = words.map((word) => word | 0) as [number, number, number, number];
  function uint32(): number {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  }
  return {
    uint32,
    below(bound) {
      // Values past the last whole multiple of the bound would favour small results.
      const limit = 2 ** 32 - (2 ** 32 % bound);
      for (;;) {
        const value = uint32();
        if (value < limit) return value % bound;
      }
    },
    unit: () => ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) * 2 ** -53,
  };
}

/**
 * Shuffles in place, each order equally likely (Fisher and Yates; Knuth, TAOCP 2, algorithm 3.4.2P).
 * @example shuffle(Uint32Array.of(0, 1, 2), createSeeded(1));
 */
export function shuffle<Items extends Uint32Array | unknown[]>(items: Items, random: Seeded): Items {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const kept = items[last]!;
    items[last] = items[other]!;
    items[other] = kept;
  }
  return items;
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

const mask32 = 0xffffffffn;
/** 2^64 divided by the golden ratio: SplitMix64's increment (Steele, Lea and Flood, OOPSLA 2014). */
const golden = 0x9e3779b97f4a7c15n;

/** SplitMix64's finaliser. */
function mix(value: bigint): bigint {
  let z = BigInt.asUintN(64, value);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

/** Any number as 64 bits: seeds of 0.5 and 0.25 differ too. */
function toBits(value: number): bigint {
  if (Number.isSafeInteger(value)) return BigInt.asUintN(64, BigInt(value));
  return new BigUint64Array(Float64Array.of(value).buffer)[0]!;
}
