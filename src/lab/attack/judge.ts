/** The best of everything an attack tried, for each example: the nearest point that the model itself calls wrong. */
import { distance } from "./ball.ts";
import type { Room } from "./ball.ts";

/** What has been found for the examples of a run. */
export interface Findings {
  /** Distance of the nearest wrong answer; infinite while there is none. */
  readonly distance: Float64Array;
  /** How far the wrong class leads there, in logits; −∞ while there is none, and where nobody asked for a lead. */
  readonly lead: Float64Array;
  /** That point, `rowSize` numbers an example; the example itself while there is none. */
  readonly nearest: Float32Array;
  /** Which attack or part of one broke the example first; undefined while none did. */
  readonly brokenBy: (string | undefined)[];
  /** Answers that were no numbers. */
  nonFinite: number;
}

/** A judge over the findings. */
export interface Judge {
  readonly findings: Findings;
  /** Whether a class is what the attacker wants for an example. */
  wins(example: number, label: number): boolean;
  /** Looks at one answer; keeps the point when it is the best so far. Returns whether it is wrong at all. */
  see(
    example: number,
    seen: {
      readonly label: number;
      readonly x: Float32Array;
      readonly at: number;
      readonly part: string;
      /** Given, the point with the largest lead is the best, not the nearest one. */
      readonly lead?: number | undefined;
    },
  ): boolean;
}

/** What the judge compares with. */
export interface Original {
  readonly room: Room;
  readonly x: Float32Array;
  readonly labels: Int32Array;
  readonly targets: Int32Array | undefined;
  /** The class that means a refusal: whoever is refused has not won. */
  readonly refusal?: number | undefined;
}

/** Nothing found yet. */
export function emptyFindings(x: Float32Array, size: number): Findings {
  return {
    distance: new Float64Array(size).fill(Infinity),
    lead: new Float64Array(size).fill(-Infinity),
    nearest: x.slice(),
    brokenBy: Array.from({ length: size }, () => undefined),
    nonFinite: 0,
  };
}

/** A judge that goes on from what is found already. */
export function createJudge({ room, x: origin, labels, targets, refusal }: Original, findings: Findings): Judge {
  const { rowSize } = room;
  // INVARIANT: an answer that is no number is no success: it proves nothing about the model's classes. It is counted and reported.
  const wins = (example: number, label: number): boolean =>
    label >= 0 && label !== refusal && (targets === undefined ? label !== labels[example] : label === targets[example]);
  return {
    findings,
    wins,
    see(example, { label, x, at, part, lead }) {
      if (label === -1) findings.nonFinite++;
      if (!wins(example, label)) return false;
      const far = distance(room, x, origin, { x: at, origin: example * rowSize });
      if (!(lead === undefined ? far < findings.distance[example]! : lead > findings.lead[example]!)) return true;
      if (lead !== undefined) findings.lead[example] = lead;
      findings.distance[example] = far;
      findings.nearest.set(x.subarray(at, at + rowSize), example * rowSize);
      findings.brokenBy[example] ??= part;
      return true;
    },
  };
}

/** Takes over what another search found nearer. */
export function mergeFindings(into: Findings, from: Findings, rowSize: number): void {
  into.nonFinite += from.nonFinite;
  for (const [example, far] of from.distance.entries()) {
    if (!(far < into.distance[example]!)) continue;
    into.lead[example] = from.lead[example]!;
    into.distance[example] = far;
    into.nearest.set(from.nearest.subarray(example * rowSize, (example + 1) * rowSize), example * rowSize);
    into.brokenBy[example] ??= from.brokenBy[example];
  }
}
