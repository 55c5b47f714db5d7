/** The radii that a certificate is read at, and how `certify` says no. */
import { nearest, quote } from "../../../base/error/index.ts";
import type { ModelkeepError } from "../../../base/error/index.ts";
import type { Requirement } from "../../../lab/assess/index.ts";
import { badOption } from "../../../lab/defend/index.node.ts";

/** The radii there are, and those that a requirement names, in rising order. */
export function radiiFor(norm: string, requirements: readonly Requirement[], radii: readonly number[]): readonly number[] {
  const named = requirements.flatMap(({ at }) => (at?.norm === norm ? [at.epsilon] : []));
  return [...new Set([...radii, ...named])].toSorted((a, b) => a - b);
}

export const badMethod = (method: string, norm: string): ModelkeepError =>
  badOption(`${method} bounds hold within linf, not ${norm}`, "--threat linf:0.1, or --method smoothing, whose radii are l2");

export function noMethod(name: string): ModelkeepError {
  const known = ["smoothing", "interval", "zonotope"];
  const near = nearest(name, known);
  return badOption(
    `there is no way of certifying named ${quote(name)}`,
    near === undefined ? `there are ${known.join(", ")}` : `did you mean ${quote(near)}?`,
  );
}
