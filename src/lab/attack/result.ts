/** What an attack found, in the shape that verdicts and reports read. */
import type { Tensor } from "../../model/onnx/index.ts";
import type { Counts } from "./ledger.ts";
import type { LossTrace } from "./evidence.ts";
import type { Findings } from "./judge.ts";
import type { Norm } from "./threat.ts";

/** What happened at one radius. */
export interface EpsilonResult {
  readonly epsilon: number;
  /** For each example 1 when a wrong answer within the radius is known: found at this radius or a smaller one, or wrong to begin with. */
  readonly success: Uint8Array;
  /** For each example 1 when it was attacked at this very radius: those that fell at a smaller one need no more. */
  readonly attempted: Uint8Array;
  /** Of those, 1 for each that fell in this pass. */
  readonly broken: Uint8Array;
  /** Share of all examples that are answered rightly at every point tried within the radius. */
  readonly robust: number;
  /** The examples, each moved to its wrong answer where one is known. */
  readonly adversarial: Tensor;
  /** Answers and gradients asked for at this radius, over all examples. */
  readonly queries: number;
  readonly gradients: number;
  readonly milliseconds: number;
  readonly trace: LossTrace;
  /** Examples standing when each start began. */
  readonly restarts: readonly number[];
  /** Examples whose first gradient was zero everywhere. */
  readonly zeroGradients: Uint8Array;
}

/** Why a run ended before it was done. */
export interface Stopped {
  readonly reason: "cancelled" | "time" | "budget" | "refused";
  readonly message: string;
}

/** The result of one attack on all examples. */
export interface AttackResult {
  readonly attack: string;
  readonly title: string;
  readonly norm: Norm;
  /** What the attack ran with, defaults filled in. */
  readonly params: unknown;
  readonly seed: number;
  readonly size: number;
  /** For each example 1 when the model was right to begin with. */
  readonly clean: Uint8Array;
  /** Radii in rising order. */
  readonly perEpsilon: readonly EpsilonResult[];
  /** Distance of the nearest wrong answer known: 0 when wrong to begin with, infinite when there is none. */
  readonly distance: Float64Array;
  /** The examples, each moved to its nearest wrong answer where one is known. */
  readonly nearest: Tensor;
  /** Which part of the attack broke each example; `clean` when it was wrong to begin with. */
  readonly brokenBy: readonly (string | undefined)[];
  readonly counts: Counts;
  readonly totalQueries: number;
  readonly totalGradients: number;
  /** Answers and gradients that were no numbers. */
  readonly nonFinite: { readonly answers: number; readonly gradients: number };
  readonly stopped?: Stopped;
  /** From here a later run goes on: pass it as `resume`. */
  readonly state: AttackState;
}

/** A run between two radii or batches, as plain values. */
export interface AttackState {
  readonly attack: string;
  readonly seed: number;
  readonly size: number;
  /** Steps of the plan (a radius and a batch each) that are done. */
  readonly done: number;
  readonly clean: Uint8Array | undefined;
  readonly findings: Findings;
  readonly counts: Counts;
  readonly perEpsilon: readonly PassRecord[];
}

/** What is kept of a radius while a run goes on. */
export interface PassRecord {
  readonly epsilon: number;
  readonly attempted: Uint8Array;
  readonly broken: Uint8Array;
  readonly queries: number;
  readonly gradients: number;
  readonly milliseconds: number;
  readonly trace: LossTrace;
  readonly restarts: readonly number[];
  readonly zeroGradients: Uint8Array;
  readonly nonFiniteGradients: number;
}
