/** What an assessment takes, and what it tells while it runs. */
import type { AttackProgress, AttackState, Bounds, OpenSession } from "../attack/index.ts";
import type { AttackRecord, NormRun } from "./campaign.ts";
import type { Requirement } from "./requirement.ts";
import type { Subject } from "./subject.ts";
import type { ThreatLine } from "./threats.ts";

/** What is known so far, for a run that goes on later. */
export interface Snapshot {
  readonly runs: readonly NormRun[];
  readonly clean: Uint8Array;
  /** Questions before any attack, where they cost something. */
  readonly asked?: number;
  /** An attack that was stopped in its middle. */
  readonly stopped?: { readonly norm: string; readonly key: string; readonly state: AttackState };
}

export interface AssessOptions {
  readonly subject: Subject;
  readonly open: OpenSession;
  readonly x: Float32Array;
  readonly labels: Int32Array;
  /** Sizes of one example of the data, where they are known. */
  readonly dims?: readonly number[] | undefined;
  readonly threats: readonly ThreatLine[];
  readonly bounds: Bounds;
  /** Whether the bounds were told or guessed from the data. */
  readonly boundsTold: boolean;
  readonly attacks: "auto" | readonly string[];
  readonly requirements?: readonly Requirement[];
  readonly seed?: number;
  readonly output?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds of wall time in all. */
  readonly budgetMs?: number | undefined;
  /** Questions to the target in all. */
  readonly queries?: number | undefined;
  /** Planted regions that the attack must find, for each norm; 16 unless said otherwise. */
  readonly planted?: number | undefined;
  readonly now: () => number;
  readonly onEvent?: (event: AssessEvent) => void;
  /** What to keep, so that the run can go on after an end of the process. */
  readonly onSnapshot?: ((snapshot: Snapshot) => Promise<void>) | undefined;
  readonly resume?: Snapshot | undefined;
}

/** What a person who waits wants to know. */
export type AssessEvent =
  | { readonly kind: "clean"; readonly accuracy: number; readonly size: number }
  | { readonly kind: "progress"; readonly progress: AttackProgress }
  | { readonly kind: "attack"; readonly record: AttackRecord; readonly epsilons: readonly number[] }
  | { readonly kind: "step"; readonly what: string };
