import { quote } from "../../../base/error/index.ts";
import { reason } from "../reason.ts";
import type { Reason } from "../reason.ts";
import { fits } from "./policy.ts";
import type { SignerRules, TrustPolicy } from "./policy.ts";

/** What was signed, and when that is asked. */
export interface Occasion {
  /** What the artefact is called where it is used: a model's name, a repository. Scopes are matched against it. */
  readonly name: string;
  readonly nowMs: number;
}

/** What speaks against a signer whose signature verifies. */
export function standing({ name: signer, scope, startsMs, expiresMs }: SignerRules, { name, nowMs }: Occasion): Reason[] {
  const reasons: Reason[] = [];
  if (nowMs < startsMs) reasons.push(reason("not-yet-valid", `${quote(signer)} is trusted from ${day(startsMs)}`));
  if (nowMs >= expiresMs) reasons.push(reason("expired", `${quote(signer)} was trusted until ${day(expiresMs - 1)}`));
  if (!scope.some((pattern) => fits(pattern, name)))
    reasons.push(
      reason("out-of-scope", `${quote(signer)} may sign ${scope.map((one) => quote(one)).join(", ")}, not ${quote(name)}`),
    );
  return reasons;
}

/** What of these digests is revoked. */
export function revocations({ revoked }: Pick<TrustPolicy, "revoked">, digests: readonly string[], what: string): Reason[] {
  return revoked
    .filter(({ digest }) => digests.includes(digest))
    .map(({ digest, reason: why }) =>
      reason("revoked", `${what} ${digest} is revoked${why === "" ? "" : `: ${quote(why, 200)}`}`),
    );
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
