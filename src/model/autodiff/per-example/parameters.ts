/** Contributions at the parameters themselves, and clipped sums carried back to them. */
import type { Node } from "../../onnx/index.ts";
import { usedBy } from "../../onnx/index.ts";
import { gradientContext, neighboursOf, sweepFrom } from "../backward.ts";
import { contextOf, refusal } from "../context.ts";
import { ruleFor } from "../registry.ts";
import type { Value } from "../value.ts";
import type { Contribution } from "./contribution.ts";
import { areAddable } from "./norms.ts";
import { pullBack, wholeOf } from "./pull.ts";
import type { Site, Use } from "./uses.ts";

/** For each parameter, everything that each example's gradient is the sum of. `end`: the number of the graph's own nodes in the trace. */
export function contributionsOf(site: Site, uses: readonly Use[], end: number): ReadonlyMap<string, readonly Contribution[]> {
  const { trace, forward, lanes } = site;
  const found = new Map<string, Contribution[]>();
  const add = (name: string, contribution: Contribution): void =>
    void found.set(name, [...(found.get(name) ?? []), contribution]);
  for (const { name, contribution } of uses) add(name, contribution);
  const around = neighboursOf(trace, forward);
  for (const node of trace.nodes.slice(0, end).toReversed()) {
    if (!isOfParameters(site, node)) continue;
    const rule = ruleFor(node);
    const at = node.outputs.flatMap((name, output) => (found.get(name) ?? []).map((contribution) => ({ output, contribution })));
    if (at.length === 0) continue;
    if (rule?.kind !== "gradient") throw refusal(node, "a parameter goes through it before it is used");
    const context = gradientContext(contextOf(trace, node, around), []);
    for (const [input, name] of node.inputs.entries()) {
      if (name === "" || !forward.active.has(name) || lanes.laneOf(name) !== "free") continue;
      for (const { output, contribution } of at) add(name, pullBack({ context, rule, output, input }, contribution));
    }
  }
  return new Map([...found].filter(([name]) => trace.wrt.has(name)).map(([name, list]) => [name, addable(site, list)]));
}

const isOfParameters = ({ forward, lanes }: Site, node: Node): boolean =>
  [...usedBy(node)].some((name) => forward.active.has(name)) &&
  node.outputs.some((name) => forward.active.has(name) && lanes.laneOf(name) === "free");

/** As they are where they belong to the same elements or to different ones; where parts may overlap, multiplied out in their places. */
function addable({ trace: { op } }: Site, contributions: readonly Contribution[]): readonly Contribution[] {
  return areAddable(contributions) ? contributions : contributions.map((one) => wholeOf(op, one));
}

/** Sums over examples at the values that nodes use, carried back to the parameters. */
export function carriedBack(
  site: Site,
  { uses, factors, end }: { readonly uses: readonly Use[]; readonly factors: Value; readonly end: number },
): ReadonlyMap<string, Value> {
  const { trace, forward, lanes } = site;
  const { op } = trace;
  const seeds = new Map<string, Value>();
  for (const use of uses) {
    const part = use.weighted(factors);
    if (part === undefined) continue;
    const shaped = { ...part, dims: trace.value(use.name).dims };
    const before = seeds.get(use.name);
    seeds.set(use.name, before === undefined ? shaped : op.add(before, shaped));
  }
  return sweepFrom(trace, forward, {
    seeds,
    end,
    into: (name) => forward.active.has(name) && lanes.laneOf(name) === "free",
  });
}
