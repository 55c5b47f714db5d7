/** Thresholds that a hardened model is held against, by the short attack that hardening ends with. */
import { quote } from "../../../base/error/index.ts";
import { checkRequirement, parseRequirement } from "../../../lab/assess/index.ts";
import type { Requirement, RequirementResult } from "../../../lab/assess/index.ts";
import { badOption } from "../../../lab/defend/index.node.ts";
import type { QuickCheck } from "../../../lab/defend/index.node.ts";

interface Threat {
  readonly norm: string;
  readonly epsilon: number;
}

/** The thresholds, parsed. @throws assess/bad-requirement · defend/bad-option for what hardening does not measure */
export function readRequirements(given: readonly string[], threat: Threat): readonly Requirement[] {
  return given.map((text) => {
    const requirement = parseRequirement(text);
    const { metric, at } = requirement;
    const isMeasured =
      metric === "clean_accuracy" || (metric === "robust_accuracy" && at!.norm === threat.norm && at!.epsilon === threat.epsilon);
    if (isMeasured) return requirement;
    throw badOption(
      `${quote(text)} is not measured while hardening within ${threat.norm} ${threat.epsilon}`,
      metric === "certified_accuracy"
        ? "`modelkeep certify` measures it"
        : "name the same radius, or ask `modelkeep assess` of the hardened file",
    );
  });
}

/** What became of them. The attack is short: a robust share that reaches its threshold is an upper bound, and the reason says so. */
export function holdAgainst(
  requirements: readonly Requirement[],
  threat: Threat,
  after: QuickCheck | undefined,
): readonly RequirementResult[] {
  return requirements.map((requirement) => {
    if (after === undefined)
      return {
        requirement: requirement.text,
        metric: requirement.metric,
        met: false,
        reason: "not measured: hardening was ended early",
      };
    const { clean, cleanInterval, robust, robustInterval } = after;
    const measured = {
      norm: threat.norm,
      epsilon: threat.epsilon,
      robustAccuracy: robust,
      interval: robustInterval,
      verdict: "broken" as const,
      reasons: [],
    };
    const result = checkRequirement(requirement, {
      cleanAccuracy: clean,
      cleanInterval,
      threats: [measured],
      audit: [],
      certified: [],
    });
    return requirement.metric === "robust_accuracy"
      ? { ...result, reason: `${result.reason} under a short attack, an upper bound: \`modelkeep assess\` judges` }
      : result;
  });
}
