/** The backward sweep over examples: gradients of everything that holds examples, and the places where parameters come in. */
import type { Node } from "../../onnx/index.ts";
import { gradientContext, sweepFrom } from "../backward.ts";
import { refusal } from "../context.ts";
import type { GradientContext } from "../define.ts";
import type { Forward } from "../forward.ts";
import { ruleFor } from "../registry.ts";
import type { Trace } from "../trace.ts";
import { range } from "../value.ts";
import type { Value } from "../value.ts";
import { isMultipliedOut } from "./choose.ts";
import type { Forms } from "./choose.ts";
import { weightedWhole } from "./contribution.ts";
import type { Contribution } from "./contribution.ts";
import type { UseContext } from "./define.ts";
import type { Lanes } from "./lanes.ts";
import { useRuleFor } from "./registry.ts";

/** A place where a value that holds nothing of the examples meets them. */
export interface Use {
  readonly node: Node;
  readonly input: number;
  /** The value that comes in. */
  readonly name: string;
  readonly contribution: Contribution;
  /** The gradient of the value, summed over examples of which each has its factor. */
  weighted(factors: Value): Value | undefined;
}

/** Everything the sweep needs to know. */
export interface Site {
  readonly trace: Trace;
  readonly forward: Forward;
  readonly lanes: Lanes;
  readonly forms: Forms;
}

/** Sweeps back from the losses, one for each example, which begin with the gradients given. */
export function findUses(site: Site, losses: Value, seed: Value): readonly Use[] {
  const { trace, forward, lanes } = site;
  const uses: Use[] = [];
  const holdsExamples = (name: string): boolean => lanes.laneOf(name) !== "free";
  sweepFrom(trace, forward, {
    seeds: new Map([[losses.name, seed]]),
    into: (name) => forward.active.has(name) && holdsExamples(name),
    visit(context) {
      for (const [input, name] of context.node.inputs.entries()) {
        if (name === "" || !forward.active.has(name) || holdsExamples(name)) continue;
        const use = useOf(site, context, input);
        if (use !== undefined) uses.push(use);
      }
    },
  });
  return uses;
}

/** Undefined when the operator passes no gradient to that input. */
function useOf(site: Site, context: GradientContext, input: number): Use | undefined {
  const { lanes, forms } = site;
  const { op, node } = context;
  const parameter = context.xs[input]!;
  const laned = node.outputs.find((name) => name !== "" && lanes.laneOf(name) !== "free");
  if (laned === undefined) throw refusal(node, "what it makes of a parameter does not tell examples apart");
  const about: UseContext = {
    ...context,
    input,
    parameter,
    lane: lanes.rowsOf(node.outputs[0] === "" ? laned : node.outputs[0]!),
    laneOfInput(at) {
      const lane = lanes.laneOf(node.inputs[at] ?? "");
      return lane === "free" ? undefined : lane;
    },
    rows: op.size(site.trace.value(laned), lanes.rowsOf(laned)),
    multiplies: (cost) => isMultipliedOut(forms, cost),
  };
  const found = useRuleFor(node)?.(about);
  if (found === undefined) {
    if (ownRule({ ...context, wants: (i) => i === input }, input) === undefined) return undefined;
    throw refusal(
      node,
      `there is no rule for each example's gradient by its input ${input}`,
      "leave that parameter out of `wrt`",
    );
  }
  const { as } = found;
  return {
    node,
    input,
    name: parameter.name,
    contribution: { as, dims: parameter.dims, path: [] },
    weighted(factors) {
      if (as.form === "whole") return weightedWhole(op, { as, like: parameter }, factors);
      return byOwnRule(site, context, { input, factors });
    },
  };
}

/** The operator's ordinary gradient, of outputs whose gradients are scaled: it is linear in them (Bu et al. 2022, arXiv:2210.00038). */
function byOwnRule(
  { lanes }: Site,
  context: GradientContext,
  { input, factors }: { readonly input: number; readonly factors: Value },
): Value | undefined {
  const { op, node } = context;
  const gs = context.gs.map((g, i) => {
    if (g === undefined) return undefined;
    const lane = lanes.rowsOf(node.outputs[i]!);
    const shape = range(op.rank(g)).map((axis) => (axis === lane ? op.size(factors, 0) : 1));
    return { ...op.mul(g, op.reshape(factors, shape)), dims: g.dims };
  });
  return ownRule(gradientContext({ ...context, wants: (i) => i === input }, gs), input);
}

function ownRule(context: GradientContext, input: number): Value | undefined {
  const rule = ruleFor(context.node);
  return rule?.kind === "gradient" ? rule.rule(context)[input] : undefined;
}
