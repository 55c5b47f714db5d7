/** Who the attacker is: what he wants, and how far he may change an example. */
import { ModelkeepError } from "../../base/error/index.ts";
import type {} from "./errors.ts";
import type { Constraints } from "./constraints/constraints.ts";

/** How a change is measured. `l0` counts changed numbers. */
export type Norm = "linf" | "l2" | "l1" | "l0";

/** All norms. */
export const norms: readonly Norm[] = ["linf", "l2", "l1", "l0"];

/** What the model takes: each number of an example lies between these. One number holds for all. */
export interface Bounds {
  readonly low: number | Float32Array;
  readonly high: number | Float32Array;
}

/** `untargeted`: any wrong class. `targeted`: the class named for each example. */
export type Goal = { readonly kind: "untargeted" } | { readonly kind: "targeted"; readonly targets: Int32Array };

/** A threat model; norm and radii are parameters of every attack. */
export interface Threat {
  readonly norm: Norm;
  /** Radii in the units of the model's input, each above 0. One call of an attack answers for all of them. */
  readonly epsilons: readonly number[];
  readonly bounds: Bounds;
  /** Default: untargeted. */
  readonly goal?: Goal;
  /** What an example of this kind can look like at all. */
  readonly constraints?: Constraints;
}

/**
 * Checks a threat against examples of `rowSize` numbers; gives its radii in rising order without repeats.
 * @throws attack/bad-threat
 */
export function checkThreat(threat: Threat, rowSize: number): readonly number[] {
  const { norm, epsilons, bounds } = threat;
  if (!norms.includes(norm)) throw badThreat(`there is no norm \`${String(norm)}\``, `norms: ${norms.join(", ")}`);
  const wrong = epsilons.find((epsilon) => !(epsilon > 0 && Number.isFinite(epsilon)));
  if (epsilons.length === 0 || wrong !== undefined) {
    throw badThreat(wrong === undefined ? "a threat without a radius" : `a radius of ${wrong}`, "give numbers above 0");
  }
  for (const side of [bounds.low, bounds.high]) {
    if (typeof side !== "number" && side.length !== rowSize) {
      throw badThreat(
        `bounds for ${side.length} numbers, an example has ${rowSize}`,
        "give one bound for each number, or one for all",
      );
    }
  }
  const [low, high] = [expand(bounds.low, rowSize), expand(bounds.high, rowSize)];
  const crossed = low.findIndex((value, i) => !(value <= high[i]!));
  if (crossed >= 0) throw badThreat(`bounds ${low[crossed]} … ${high[crossed]}`, "the lower one comes first");
  return [...new Set(epsilons)].toSorted((a, b) => a - b);
}

/** One bound for each number of an example. */
export const expand = (bound: number | Float32Array, rowSize: number): Float32Array =>
  typeof bound === "number" ? new Float32Array(rowSize).fill(bound) : bound;

const badThreat = (message: string, hint: string): ModelkeepError =>
  new ModelkeepError("attack/bad-threat", { message, hint, status: 400, exit: 4 });
