/**
 * Release rules: how much of a model's outputs may leave. Each rule says to whom and to what it applies; of all that apply, the strictest
 * wins in every respect. The less precise the scores, the more queries it takes to copy a model or to find an adversarial example
 * (Tramèr et al. 2016, arXiv:1609.02943, §7; label-only attacks remain possible: Chen et al. 2020, arXiv:1904.02144).
 */
import { z } from "zod";

const scores = z.union([
  z.enum(["full", "label"]),
  z.strictObject({
    top: z.int().min(1).max(100).describe("how many of the highest scores of each row leave, with their indices"),
  }),
]);

/** One rule of the section `gateway.release`. */
export const releaseRule = z.strictObject({
  roles: z.array(z.string().min(1)).min(1).optional().describe("callers with any of these roles; everybody by default"),
  models: z.array(z.string().min(1)).min(1).optional().describe("models it applies to, by name; all by default"),
  scores: scores
    .default("full")
    .describe(
      "full: all scores. { top: k }: the k highest of each row, `<output>` and `<output>_indices`. label: the index of the highest as INT64",
    ),
  digits: z.int().min(0).max(15).optional().describe("digits after the decimal point that floats are rounded to; all by default"),
  hide: z.array(z.string().min(1)).default([]).describe("outputs that do not leave, by name; none by default"),
});

/** Section `gateway.release`: a list of rules, in any order. */
export const releaseConfig = z.array(releaseRule).default([]);

export type ReleaseRule = z.output<typeof releaseRule>;

/** What leaves of one answer: the meet of all rules that apply. */
export interface Release {
  /** Scores of each row: Infinity for all, k ≥ 1 for the k highest, 0 for the label alone. */
  readonly top: number;
  /** Digits after the decimal point; Infinity for all. */
  readonly digits: number;
  /** Hidden outputs, sorted. */
  readonly hide: readonly string[];
  /** Equal for equal releases. */
  readonly key: string;
}

/** Everything leaves. */
export const fullRelease: Release = makeRelease(Infinity, Infinity, []);

/**
 * What applies to one caller and model.
 *
 * @example
 * releaseFor(config.release, { model: "digits", roles: caller.roles });
 */
export function releaseFor(
  rules: readonly ReleaseRule[],
  to: { readonly model: string; readonly roles: readonly string[] },
): Release {
  let release = fullRelease;
  for (const rule of rules) {
    if (rule.models !== undefined && !rule.models.includes(to.model)) continue;
    if (rule.roles !== undefined && !rule.roles.some((role) => to.roles.includes(role))) continue;
    release = strictest(release, makeRelease(topOf(rule.scores), rule.digits ?? Infinity, rule.hide));
  }
  return release;
}

/** The strictest of both in every respect: commutative, associative, idempotent, with {@link fullRelease} as its unit. */
export function strictest(a: Release, b: Release): Release {
  return makeRelease(Math.min(a.top, b.top), Math.min(a.digits, b.digits), [...a.hide, ...b.hide]);
}

function topOf(scores: ReleaseRule["scores"]): number {
  if (scores === "full") return Infinity;
  return scores === "label" ? 0 : scores.top;
}

function makeRelease(top: number, digits: number, names: readonly string[]): Release {
  const hide = [...new Set(names)].sort();
  return { top, digits, hide, key: JSON.stringify([String(top), String(digits), hide]) };
}
