/** What is known of each node's derivative, as data: attacks and reports read it. */
import { elementFamily, nodeLabel, operatorName, requiredInputs, usedBy } from "../onnx/index.ts";
import type { Model, Node } from "../onnx/index.ts";
import { onlyKinks } from "./kinks.ts";
import { nodesLeadingTo } from "./leading.ts";
import { prepare } from "./prepare.ts";
import { loweringFor, ruleFor } from "./registry.ts";

/** How good a node's derivative is. */
export type FactKind = "exact" | "zero" | "random" | "approximated" | "none";

/** A node whose derivative is not simply what mathematics says. */
export interface Fact {
  /** The node as messages name it. Untrusted text. */
  readonly node: string;
  readonly op: string;
  readonly kind: Exclude<FactKind, "exact">;
  readonly reason: string;
}

/** The fact about a node, undefined when its derivative is exact. */
export function factOf(node: Node): Fact | undefined {
  const about = { node: nodeLabel(node), op: operatorName(node) };
  const lowering = loweringFor(node);
  const rule = ruleFor(node);
  const approximates = lowering?.approximates ?? (rule?.kind === "gradient" ? rule.approximates : undefined);
  if (approximates !== undefined) return { ...about, kind: "approximated", reason: approximates };
  if (lowering !== undefined || rule?.kind === "gradient") return undefined;
  if (rule === undefined) return { ...about, kind: "none", reason: "there is no rule for this operator" };
  return { ...about, kind: rule.kind === "zero" && rule.random ? "random" : rule.kind, reason: rule.reason };
}

/** What `inspect` prints of a model's gradients. */
export interface Differentiability {
  /** For each float input, whether a gradient of the first float output reaches it, and the node that keeps it away if not. */
  readonly inputs: readonly { readonly name: string; readonly reached: boolean; readonly because?: Fact }[];
  /** Nodes between the inputs and the outputs whose derivative is not exact. */
  readonly facts: readonly Fact[];
}

/**
 * What is differentiable in a model, what is not, and why.
 * @example
 * for (const { node, kind, reason } of differentiability(model).facts) console.log(node, kind, reason);
 */
export function differentiability(model: Model): Differentiability {
  const prepared = prepare(model);
  const { graph } = prepared.model;
  const isFloat = (name: string): boolean => {
    const type = prepared.values.get(name)?.type;
    return type?.kind === "tensor" && elementFamily(type.elementType) === "float";
  };
  const inputs = requiredInputs(graph)
    .map(({ name }) => name)
    .filter(isFloat);
  // Labels are made of scores by ArgMax: that says nothing of the scores.
  const output = graph.outputs.find(({ name }) => isFloat(name))?.name;
  const leading = output === undefined ? graph.nodes : nodesLeadingTo(graph, output);
  const moving = new Set(inputs);
  const facts: Fact[] = [];
  for (const node of leading) {
    if (![...usedBy(node)].some((name) => moving.has(name))) continue;
    const fact = factOf(node);
    if (fact?.kind === "zero" && onlyKinks(node, prepared)) continue;
    for (const name of node.outputs) moving.add(name);
    // Shapes and comparisons steer the graph without carrying values: they break nothing.
    if (fact !== undefined && (fact.kind !== "zero" || carriesValues(node))) facts.push(fact);
  }
  return { inputs: inputs.map((name) => reachOf(name, leading, output)), facts };
}

const structural = new Set(["Shape", "Size", "ConstantOfShape", "EyeLike", "NonZero", "SequenceLength", "OptionalHasElement"]);

const carriesValues = (node: Node): boolean => !structural.has(node.op);

function reachOf(name: string, nodes: readonly Node[], output: string | undefined): Differentiability["inputs"][number] {
  const reached = new Set([name]);
  let because: Fact | undefined;
  for (const node of nodes) {
    if (![...usedBy(node)].some((value) => reached.has(value))) continue;
    const fact = factOf(node);
    if (fact === undefined || fact.kind === "approximated") for (const value of node.outputs) reached.add(value);
    else if (carriesValues(node)) because ??= fact;
  }
  const arrives = output !== undefined && reached.has(output);
  return { name, reached: arrives, ...(arrives || because === undefined ? {} : { because }) };
}
