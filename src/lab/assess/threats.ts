/** Threats on one line: `linf:0.05,0.1,0.3`. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { norms } from "../attack/index.ts";
import type { Norm } from "../attack/index.ts";
import type {} from "./errors.ts";
import { parseQuantity } from "./quantity.ts";

/** A norm and its radii in rising order, each once. */
export interface ThreatLine {
  readonly norm: Norm;
  readonly epsilons: readonly number[];
}

/** What is assessed when nobody says otherwise: changes of up to 0.05, 0.1 and 0.3 in every value. */
export const defaultThreats: readonly ThreatLine[] = [{ norm: "linf", epsilons: [0.05, 0.1, 0.3] }];

/**
 * @throws assess/bad-threat
 * @example parseThreat("l2:0.5,1"); // { norm: "l2", epsilons: [0.5, 1] }
 */
export function parseThreat(text: string): ThreatLine {
  const [name = "", list, ...more] = text.split(":");
  const norm = norms.find((known) => known === name.trim().toLowerCase());
  if (norm === undefined || list === undefined || more.length > 0) {
    throw badThreat(text, `write a norm and its radii, such as \`linf:0.05,0.1\`; norms: ${norms.join(", ")}`);
  }
  const epsilons = list.split(",").map((word) => {
    const value = parseQuantity(word);
    if (value === undefined || value <= 0)
      throw badThreat(text, `${quote(word)} is no radius: a number above 0, or a fraction such as 8/255`);
    return value;
  });
  return { norm, epsilons: sorted(epsilons) };
}

/** One line for each norm: radii of equal norms become one list. */
export function mergeThreats(lines: readonly ThreatLine[]): readonly ThreatLine[] {
  const byNorm = new Map<Norm, number[]>();
  for (const { norm, epsilons } of lines) byNorm.set(norm, [...(byNorm.get(norm) ?? []), ...epsilons]);
  return [...byNorm].map(([norm, epsilons]) => ({ norm, epsilons: sorted(epsilons) }));
}

const sorted = (values: readonly number[]): readonly number[] => [...new Set(values)].toSorted((a, b) => a - b);

const badThreat = (text: string, hint: string): ModelkeepError =>
  new ModelkeepError("assess/bad-threat", { message: `${quote(text)} is no threat`, hint, status: 400, exit: 4 });
