/** Thresholds held against what was measured. */
import type { Interval } from "../../base/math/index.ts";
import { percent } from "./audit/define.ts";
import type { AuditNote } from "./audit/registry.ts";
import { meets } from "./requirement.ts";
import type { Metric, Requirement } from "./requirement.ts";
import type { ThreatVerdict } from "./verdict.ts";

export interface RequirementResult {
  readonly requirement: string;
  readonly metric: Metric;
  readonly met: boolean;
  /** Undefined when it was not measured. */
  readonly measured?: number;
  readonly interval?: Interval;
  readonly reason: string;
}

/** What is known of a threat, as far as a threshold asks. */
type JudgedThreat = Pick<ThreatVerdict, "epsilon" | "robustAccuracy" | "interval" | "verdict" | "reasons"> & {
  readonly norm: string;
};

export interface Measured {
  readonly cleanAccuracy: number;
  readonly cleanInterval: Interval;
  readonly threats: readonly JudgedThreat[];
  readonly audit: readonly AuditNote[];
  readonly certified: readonly { readonly norm: string; readonly epsilon: number; readonly accuracy: number }[];
}

export function checkRequirement(requirement: Requirement, measured: Measured): RequirementResult {
  const { text, metric, at } = requirement;
  const base = { requirement: text, metric };
  if (metric === "clean_accuracy") {
    const { cleanAccuracy: value, cleanInterval: interval } = measured;
    return { ...base, met: meets(requirement, value), measured: value, interval, reason: `measured ${percent(value)}` };
  }
  const same = (one: { norm: string; epsilon: number }): boolean =>
    one.norm === at?.norm && Math.abs(one.epsilon - at.epsilon) < 1e-12;
  if (metric === "certified_accuracy") {
    const found = measured.certified.find(same);
    if (found === undefined) return { ...base, met: false, reason: "nothing was certified: `modelkeep certify` measures it" };
    return {
      ...base,
      met: meets(requirement, found.accuracy),
      measured: found.accuracy,
      reason: `certified ${percent(found.accuracy)}`,
    };
  }
  const threat = measured.threats.find(same);
  if (threat === undefined) return { ...base, met: false, reason: "that radius was not attacked" };
  const { robustAccuracy: value, interval, verdict } = threat;
  const reached = meets(requirement, value);
  // Attacks give an upper bound. It is a value only where the audit found no reason to believe that it is lower.
  const unproven = reached && requirement.comparison.startsWith(">") && requirement.value > 0 && verdict === "not shown";
  const reason = unproven
    ? `measured ${percent(value)}, and not shown: ${threat.reasons[1] ?? "the audit failed"}`
    : `measured ${percent(value)}`;
  return { ...base, met: reached && !unproven, measured: value, interval, reason };
}
