/** An assessment as findings: what is broken, what is not shown, what was missed. */
import type { Finding } from "../../../base/finding/index.ts";
import { auditChecks } from "../../../lab/assess/index.ts";
import type { Assessment } from "../../../lab/assess/index.ts";
import type { Report, RuleFacts } from "../../report/index.ts";

const references = ["atlas:AML.T0043", "atlas:AML.T0015", "nist-ai-100-2:evasion", "owasp-ml:ML01", "cwe:1039"];

/** Rules that are not checks of the audit. */
export const verdictRules: readonly RuleFacts[] = [
  {
    id: "assess/broken",
    title: "small changes of the input change the answer",
    severity: "high",
    why: "whoever can touch the input can choose the answer: a changed sign, a changed mail, a changed scan",
    fix: "harden the model (`modelkeep harden`), and limit how often it can be asked (`modelkeep serve`)",
    references,
  },
  {
    id: "assess/not-shown",
    title: "the model was not shown to be robust",
    severity: "medium",
    why: "the attacks that failed are known to be too weak here; a figure that nobody may rely on is worse than none",
    fix: "follow what the failed checks of the audit say, and assess again",
    references,
  },
  {
    id: "assess/requirement-missed",
    title: "a threshold was missed",
    severity: "high",
    why: "the threshold was set because something depends on it",
    fix: "harden the model (`modelkeep harden`), or change what depends on it; lower the threshold only on purpose",
    references,
  },
];

/** The rules of the verdict and of the audit. */
export const assessRules: readonly RuleFacts[] = [
  ...verdictRules,
  ...auditChecks.all.map(({ id, title, why, fix, references: known }): RuleFacts => ({
    id: `assess/${id}`,
    title: `not true that ${title}`,
    severity: "low",
    why,
    fix,
    references: known,
  })),
];

const ruleOf = (id: string): RuleFacts => assessRules.find((rule) => rule.id === id)!;

/** One target for the model, with everything that was found. */
export function assessmentReport(assessment: Assessment, given: { readonly model: string; readonly version: string }): Report {
  const finding = (id: string, message: string): Finding => {
    const { severity, why, fix, references: refs = [] } = ruleOf(id);
    return { rule: id, severity, message, where: { file: given.model }, why, fix, references: refs };
  };
  const verdicts = assessment.threats
    .filter(({ verdict }) => verdict !== "robust")
    .map(({ norm, epsilon, verdict, reasons }) =>
      finding(verdict === "broken" ? "assess/broken" : "assess/not-shown", `${norm} ${epsilon}: ${verdict}, ${reasons[0]}`),
    );
  const missed = assessment.requirements
    .filter(({ met }) => !met)
    .map(({ requirement, reason }) => finding("assess/requirement-missed", `${requirement}: ${reason}`));
  const failures = assessment.audit
    .filter(({ status }) => status === "failed")
    .map(({ check, message }) => finding(`assess/${check}`, message));
  return {
    title: "modelkeep assess",
    version: given.version,
    rules: assessRules,
    targets: [{ name: given.model, kind: "model", status: "checked", findings: [...missed, ...verdicts, ...failures] }],
    notes: assessment.stopped === undefined ? [] : [`ended early: ${assessment.stopped}`],
  };
}
