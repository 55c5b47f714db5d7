/** How a check of an assessment's own strength is stated. One file in `checks/` each; the registry is the whole audit. */
import type { Fact } from "../../../model/autodiff/index.ts";
import type { AttackTarget, Bounds, Norm } from "../../attack/index.ts";
import type { Remedies } from "../adaptive/views.ts";
import type { NormRun } from "../campaign.ts";
import type { Probe } from "../probe.ts";
import type { ActiveTest, Curve, Unbounded } from "../trials.ts";
import type { Verified } from "../verify.ts";

/** What is known before anything is attacked. */
export interface EarlyFacts {
  readonly target: AttackTarget;
  /** Nodes whose derivative is not what mathematics says. */
  readonly facts: readonly Fact[];
  /** Nodes that decide by data what is computed, as messages name them. */
  readonly controlFlow: readonly string[];
  readonly probe: Probe;
  readonly bounds: Bounds;
  /** Whether the bounds were told or guessed from the data. */
  readonly boundsTold: boolean;
  readonly data: { readonly size: number; readonly min: number; readonly max: number };
  readonly cleanAccuracy: number;
  readonly classes: number;
  /** Share that guessing gets right. */
  readonly chance: number;
}

/** What is known at the end. */
export interface AuditFacts extends EarlyFacts {
  readonly runs: readonly NormRun[];
  /** Sentences about the adaptive view; undefined when none was needed. */
  readonly adaptive: { readonly steps: readonly string[]; readonly possible: boolean } | undefined;
  readonly curves: readonly Curve[];
  readonly unbounded: readonly Unbounded[];
  readonly active: readonly ActiveTest[];
  readonly verified: readonly Verified[];
  readonly stopped: string | undefined;
}

/**
 * `passed`: nothing wrong. `handled`: a trap was found and taken away exactly. `failed`: the robust accuracy is an upper bound and no more.
 * `not-run`: the check could not be made, for the reason in the message.
 */
export type Status = "passed" | "handled" | "failed" | "not-run";

export interface Outcome {
  readonly status: Status;
  readonly message: string;
  /** Where only some threats are concerned. */
  readonly norm?: Norm;
  readonly epsilon?: number;
}

export interface AuditCheck {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  readonly references: readonly string[];
  /** What an adaptive attack should do about what this check is for. */
  remedy?(facts: EarlyFacts): Partial<Remedies>;
  examine(facts: AuditFacts): Outcome | readonly Outcome[];
}

export function defineAuditCheck(check: AuditCheck): AuditCheck {
  return check;
}

export const passed = (message: string): Outcome => ({ status: "passed", message });
export const handled = (message: string): Outcome => ({ status: "handled", message });
export const failed = (message: string, where: Pick<Outcome, "norm" | "epsilon"> = {}): Outcome => ({
  status: "failed",
  message,
  ...where,
});
export const notRun = (message: string): Outcome => ({ status: "not-run", message });
/** `12 %`, for messages. */
export const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;
