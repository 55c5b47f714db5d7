/** Whether to multiply a sum of outer products out, or to take its norm from the factors. */
import type { ProductCost } from "./define.ts";

/** `auto`: by cost · `ghost`: never multiply out · `materialise`: always. */
export type Forms = "auto" | "ghost" | "materialise";

/**
 * Multiplied out, T products cost T·P·Q, and the clipped sum then is one pass over P·Q; from the factors the norm costs T²·(P + Q), and the
 * clipped sum a second product of T·P·Q. (The rule of Bu et al. 2022, arXiv:2205.10683, 2T² against P·Q, counts memory only.)
 */
export function isMultipliedOut(forms: Forms, { groups, places, p, q }: ProductCost): boolean {
  if (forms !== "auto") return forms === "materialise";
  if (places === 1) return p * q <= 16 && groups === 1;
  if (typeof places !== "number") return p * q * groups <= largest;
  if (groups * p * q > Math.max(largest, 2 * groups * places * (p + q))) return false;
  return places * (p + q) + p * q > 1.2 * p * q;
}

/** Elements of one example's gradient that are always kept. */
const largest = 65_536;
