/** Who still stands: for each example and radius whether a wrong answer is known, over everything that was tried. */
import type { AttackResult, Norm } from "../attack/index.ts";

/** The worst case of each example under one norm. INVARIANT: an example that fell at a radius has fallen at every larger one. */
export interface Standings {
  readonly norm: Norm;
  readonly epsilons: readonly number[];
  readonly size: number;
  /** 1 where the model was right to begin with. */
  readonly clean: Uint8Array;
  /** For each radius and example 1 when a wrong answer within it is known; wrong to begin with counts. */
  readonly fallen: readonly Uint8Array[];
  /** For each radius and example what broke it first. */
  readonly brokenBy: readonly (string | null)[][];
  /** Distance of the nearest wrong answer; 0 when wrong to begin with, infinite while there is none. */
  readonly distance: Float64Array;
  /** That point, or the example itself. */
  readonly nearest: Float32Array;
}

/** Nothing tried yet. */
export function createStandings(
  line: { readonly norm: Norm; readonly epsilons: readonly number[] },
  x: Float32Array,
  clean: Uint8Array,
): Standings {
  const wrong = clean.map((right) => 1 - right);
  return {
    ...line,
    size: clean.length,
    clean,
    fallen: line.epsilons.map(() => wrong.slice()),
    brokenBy: line.epsilons.map(() => Array.from(clean, (right) => (right === 1 ? null : "clean"))),
    distance: Float64Array.from(clean, (right) => (right === 1 ? Infinity : 0)),
    nearest: x.slice(),
  };
}

/**
 * Takes in what an attack found on some of the examples.
 *
 * @param examples the position of each attacked example among all
 * @param credit the name under which the attack is listed
 * @returns for each radius how many examples fell that had stood
 */
export function absorb(
  standings: Standings,
  result: Pick<AttackResult, "perEpsilon" | "distance" | "nearest">,
  { examples, credit }: { readonly examples: Int32Array; readonly credit: string },
): number[] {
  const width = standings.nearest.length / standings.size;
  const found = new Float32Array(result.nearest.data.buffer, result.nearest.data.byteOffset, result.nearest.data.byteLength / 4);
  for (const [i, example] of examples.entries()) {
    if (!(result.distance[i]! < standings.distance[example]!)) continue;
    standings.distance[example] = result.distance[i]!;
    standings.nearest.set(found.subarray(i * width, (i + 1) * width), example * width);
  }
  return standings.epsilons.map((epsilon, level) => {
    const success = result.perEpsilon.find((pass) => pass.epsilon === epsilon)?.success;
    let fell = 0;
    for (const [i, example] of examples.entries()) {
      const before = level > 0 && standings.fallen[level - 1]![example] === 1;
      if (standings.fallen[level]![example] === 1 || (success?.[i] !== 1 && !before)) continue;
      standings.fallen[level]![example] = 1;
      standings.brokenBy[level]![example] = credit;
      fell++;
    }
    return fell;
  });
}

/** What is known now, to go back to. */
export interface Remembered {
  /** Examples of which a nearer wrong answer is known since. */
  nearer(): Int32Array;
  /** Examples that have fallen since, at one radius or more. */
  fell(): Int32Array;
  /** Gives examples whose last wrong answer was taken back the one that was known before. */
  restore(): void;
}

/** Keeps a copy of the standings, from before an attack. */
export function remember(standings: Standings): Remembered {
  const { distance, nearest, fallen, brokenBy, size } = standings;
  const before = { distance: distance.slice(), nearest: nearest.slice(), fallen: fallen.map((one) => one.slice()) };
  const credits = brokenBy.map((one) => [...one]);
  const width = nearest.length / size;
  const those = (test: (example: number) => boolean): Int32Array => Int32Array.from({ length: size }, (_, i) => i).filter(test);
  return {
    nearer: () => those((example) => distance[example]! < before.distance[example]!),
    fell: () => those((example) => fallen.some((one, level) => one[example]! > before.fallen[level]![example]!)),
    restore() {
      for (const example of those((i) => distance[i] === Infinity && before.distance[i]! < Infinity)) {
        distance[example] = before.distance[example]!;
        nearest.set(before.nearest.subarray(example * width, (example + 1) * width), example * width);
        for (const [level, one] of fallen.entries()) {
          one[example] = before.fallen[level]![example]!;
          brokenBy[level]![example] = credits[level]![example]!;
        }
      }
    },
  };
}

/** Share of all examples that no wrong answer is known of, at the radius of this position. */
export const robustShare = ({ fallen, size }: Standings, level: number): number =>
  (size - fallen[level]!.reduce((sum, fell) => sum + fell, 0)) / size;

/** Examples that stand at one radius or more: those worth attacking further. */
export function standing({ fallen, epsilons, size }: Standings): Int32Array {
  const smallest = epsilons.length === 0 ? undefined : fallen[0];
  return Int32Array.from({ length: size }, (_, example) => example).filter((example) => smallest?.[example] !== 1);
}
