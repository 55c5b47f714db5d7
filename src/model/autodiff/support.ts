/** Which operators have gradients, and which have none for what reason: the reference page is made of it. */
import { allOperators } from "../onnx/index.ts";
import { writtenOut } from "./prepare.ts";
import { loweringFor, ruleFor } from "./registry.ts";

/** One operator of the standard domain. */
export interface OperatorSupport {
  readonly op: string;
  /** The operator sets in which its definition changed, within those asked for. */
  readonly versions: readonly number[];
  /** `rule`: a derivative · `composed`: differentiated as what it is made of · `zero`: piecewise constant or no float input · `none`: refused. */
  readonly how: "rule" | "composed" | "zero" | "none";
  /** Why there is none, why it is zero, what is approximated, or when it is composed. */
  readonly note: string;
}

/** What is known of every operator of the standard domain up to an operator set. */
export function supportedOperators(to = 24): readonly OperatorSupport[] {
  return allOperators()
    .filter(({ domain, versions }) => domain === "" && versions.some((version) => version <= to))
    .map(({ op, versions }) => ({ op, versions: versions.filter((version) => version <= to), ...supportOf(op) }))
    .toSorted((a, b) => (a.op < b.op ? -1 : 1));
}

function supportOf(op: string): Pick<OperatorSupport, "how" | "note"> {
  const node = { op, domain: "" };
  const before = writtenOut.get(op);
  if (before !== undefined) return { how: "composed", note: before };
  const [rule, lowering] = [ruleFor(node), loweringFor(node)];
  if (rule?.kind === "gradient") return { how: "rule", note: rule.approximates ?? "" };
  if (lowering !== undefined) return { how: "composed", note: lowering.approximates ?? "" };
  if (rule?.kind === "zero") return { how: "zero", note: rule.reason };
  return { how: "none", note: rule?.reason ?? "" };
}
