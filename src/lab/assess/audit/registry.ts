import { createRegistry } from "../../../base/registry/index.ts";
import type { Registry } from "../../../base/registry/index.ts";
import type { AuditCheck, AuditFacts, EarlyFacts, Outcome } from "./define.ts";
import { all } from "./checks/_all.ts";
import { noRemedies } from "../adaptive/views.ts";
import type { Remedies } from "../adaptive/views.ts";

/** Everything an assessment asks of itself, by id. */
export const auditChecks: Registry<AuditCheck> = createRegistry("audit check", all);

/** One outcome with the check it belongs to. */
export interface AuditNote extends Outcome {
  readonly check: string;
  readonly title: string;
}

/** All checks, gravest outcomes of each kept in the order of their ids. */
export function audit(facts: AuditFacts): AuditNote[] {
  return auditChecks.all.flatMap((check) =>
    [check.examine(facts)].flat().map((outcome): AuditNote => ({ check: check.id, title: check.title, ...outcome })),
  );
}

/** What an adaptive attack has to do, over all checks. */
export function remediesFor(facts: EarlyFacts): Remedies {
  const wanted = auditChecks.all.map((check) => check.remedy?.(facts) ?? {});
  return {
    straightThrough: wanted.some(({ straightThrough }) => straightThrough === true),
    saturating: wanted.some(({ saturating }) => saturating === true),
    waves: wanted.some(({ waves }) => waves === true),
    scale: wanted.find(({ scale }) => scale !== undefined)?.scale ?? noRemedies.scale,
    draws: Math.max(...wanted.map(({ draws }) => draws ?? 1)),
    smooth: Math.max(...wanted.map(({ smooth }) => smooth ?? 0)),
  };
}
