/** Thresholds that a model must meet: `robust_accuracy@linf:0.1 >= 0.60`. */
import { ModelkeepError, nearest, quote } from "../../base/error/index.ts";
import { norms } from "../attack/index.ts";
import type { Norm } from "../attack/index.ts";
import type {} from "./errors.ts";
import { parseQuantity } from "./quantity.ts";

export const metrics = ["robust_accuracy", "clean_accuracy", "certified_accuracy"] as const;
export type Metric = (typeof metrics)[number];

export type Comparison = ">=" | ">" | "<=" | "<";

/** A threshold, parsed. */
export interface Requirement {
  /** As it was written. */
  readonly text: string;
  readonly metric: Metric;
  /** Where it holds: always for robust and certified accuracy, never for clean. */
  readonly at: { readonly norm: Norm; readonly epsilon: number } | undefined;
  readonly comparison: Comparison;
  readonly value: number;
}

/**
 * @throws assess/bad-requirement saying which part is wrong
 * @example parseRequirement("robust_accuracy@linf:8/255 >= 40%")
 */
export function parseRequirement(text: string): Requirement {
  const match = /^\s*([a-z_]+)\s*(?:@\s*([a-z0-9]+)\s*:\s*([^<>=\s]+))?\s*(>=|<=|>|<|==?|≥|≤)?\s*(.*?)\s*$/i.exec(text);
  const [, name = "", normText, epsilonText, operator, valueText = ""] = match ?? [];
  const metric = metrics.find((known) => known === name.toLowerCase());
  if (metric === undefined) {
    const meant = nearest(name, metrics);
    throw bad(text, meant === undefined ? `it begins with one of ${metrics.join(", ")}` : `did you mean \`${meant}\`?`);
  }
  const comparison = ({ "≥": ">=", "≤": "<=" } as Readonly<Record<string, Comparison>>)[operator ?? ""] ?? operator;
  if (comparison !== ">=" && comparison !== ">" && comparison !== "<=" && comparison !== "<") {
    throw bad(text, "compare with >=, >, <= or <, for example `clean_accuracy >= 0.97`");
  }
  const value = parseQuantity(valueText);
  if (value === undefined || value > 1) throw bad(text, `${quote(valueText)} is no share: write 0.6 or 60%`);
  return {
    text: text.trim(),
    metric,
    at: placeOf(text, metric, normText === undefined ? undefined : [normText, epsilonText!]),
    comparison,
    value,
  };
}

function placeOf(text: string, metric: Metric, at: readonly [string, string] | undefined): Requirement["at"] {
  if (metric === "clean_accuracy") {
    if (at === undefined) return undefined;
    throw bad(text, "clean accuracy has no radius: leave out what follows the @");
  }
  if (at === undefined) throw bad(text, `say at which radius: \`${metric}@linf:0.1 >= …\``);
  const norm = norms.find((known) => known === at[0].toLowerCase());
  if (norm === undefined) throw bad(text, `${quote(at[0])} is no norm: ${norms.join(", ")}`);
  const epsilon = parseQuantity(at[1]);
  if (epsilon === undefined || epsilon <= 0)
    throw bad(text, `${quote(at[1])} is no radius: a number above 0, or a fraction such as 8/255`);
  return { norm, epsilon };
}

/** Whether a measured value meets a threshold. */
export function meets({ comparison, value }: Requirement, measured: number): boolean {
  // Shares are quotients of counts: 0.6 written as text and 600 / 1000 may differ in the last bit.
  const difference = measured - value;
  const equal = Math.abs(difference) < 1e-9;
  if (comparison === ">=") return equal || difference > 0;
  if (comparison === "<=") return equal || difference < 0;
  return !equal && (comparison === ">" ? difference > 0 : difference < 0);
}

const bad = (text: string, hint: string): ModelkeepError =>
  new ModelkeepError("assess/bad-requirement", { message: `${quote(text, 120)} is no requirement`, hint, status: 400, exit: 4 });
