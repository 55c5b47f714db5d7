/** `modelkeep explain`: what a finding is, why it matters, what to do. */
import { ModelkeepError, nearest, quote } from "../../../base/error/index.ts";
import * as scanRoom from "../../../posture/scan/index.ts";
import type { RuleFacts } from "../../report/index.ts";
import { assessRules } from "./findings.ts";

/** The rule of a finding's id; an id without its family is understood when one family has it. @throws registry/unknown */
export function explainRule(id: string): RuleFacts {
  const rules = [...assessRules, ...scanRules()];
  const found = rules.find((rule) => rule.id === id);
  if (found !== undefined) return found;
  const short = rules.filter((rule) => rule.id.endsWith(`/${id}`));
  if (short.length === 1) return short[0]!;
  const meant = nearest(
    id,
    rules.map((rule) => rule.id),
  );
  throw new ModelkeepError("registry/unknown", {
    message: `no rule ${quote(id)}`,
    hint: meant === undefined ? "findings name their rule, such as `assess/broken`" : `did you mean \`${meant}\`?`,
    exit: 4,
    status: 404,
  });
}

function scanRules(): readonly RuleFacts[] {
  return scanRoom.rules.all;
}
