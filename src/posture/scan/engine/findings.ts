import { toModelkeepError, quote } from "../../../base/error/index.ts";
import type { Family, Hit, Rule } from "../define.ts";
import type { ScanFinding } from "../result.ts";
import type { ScanContext } from "./context.ts";
import { problems } from "./problems.ts";

/** A hit in the words of its rule. */
export function hitFinding(rule: Rule, hit: Hit, path: string): ScanFinding {
  const { message, where = {}, evidence, scope, edits } = hit;
  return {
    rule: rule.id,
    severity: hit.severity ?? rule.severity,
    message,
    where: { file: path, ...where },
    ...(evidence === undefined ? {} : { evidence }),
    why: rule.why,
    fix: hit.fix ?? rule.fix,
    references: rule.references,
    ...(rule.controls === undefined ? {} : { controls: rule.controls }),
    ...(scope === undefined ? {} : { scope }),
    ...(edits === undefined ? {} : { edits }),
  };
}

/** A target that could not be looked at is a finding, never clean. */
export function problemFinding(
  error: unknown,
  context: ScanContext,
  kind: { readonly id: string; readonly family: Family } | undefined,
): ScanFinding {
  const { code, message } = toModelkeepError(error);
  const problem =
    kind === undefined
      ? problems.unrecognised
      : code === "scan/changed"
        ? problems.changed
        : code === "scan/refused"
          ? problems.refused
          : problems.unparsed;
  const text = kind === undefined ? message : `as ${quote(kind.id)}: ${message}`;
  const { id, ...rest } = problem;
  return { ...rest, rule: `${kind?.family ?? "model"}/${id}`, message: text, where: { file: context.path }, evidence: code };
}

/** A path that could not even be opened. */
export function unreadableFinding(path: string, message: string, problem: keyof typeof problems = "unreadable"): ScanFinding {
  const { id, ...rest } = problems[problem];
  return { ...rest, rule: `model/${id}`, message, where: { file: path } };
}
