/** The reverse sweep: from the loss back to the tensors asked for, one rule per node, gradients of several uses added up. */
import { quote } from "../../base/error/index.ts";
import { usedBy } from "../onnx/index.ts";
import type { Node } from "../onnx/index.ts";
import { contextOf, refusal } from "./context.ts";
import type { Neighbours } from "./context.ts";
import type { GradientContext, NodeContext } from "./define.ts";
import type { Forward } from "./forward.ts";
import { ruleFor } from "./registry.ts";
import type { Trace } from "./trace.ts";
import type { Value } from "./value.ts";

/** Gradients of the loss by value name, for every value on the way that moves with a wanted tensor. */
export function sweepBackward(trace: Trace, forward: Forward, loss: Value): ReadonlyMap<string, Value> {
  const seeds = new Map([[loss.name, trace.op.expandLike(trace.op.scalar(loss.type, 1), loss)]]);
  return sweepFrom(trace, forward, { seeds });
}

/** Where a sweep begins, and where it goes. */
export interface SweepOptions {
  /** Gradients to begin with. */
  readonly seeds: ReadonlyMap<string, Value>;
  /** How many of the trace's nodes to look at, from the first; default all. */
  readonly end?: number;
  /** Values to which gradients go; default all that move with a wanted tensor. */
  readonly into?: (name: string) => boolean;
  /** Told of each node that is differentiated, with the gradients of its outputs. */
  readonly visit?: (context: GradientContext) => void;
}

/** {@link sweepBackward} from any gradients, through a part of the graph. */
export function sweepFrom(trace: Trace, forward: Forward, options: SweepOptions): ReadonlyMap<string, Value> {
  const { op, nodes } = trace;
  const { end = nodes.length, into = (name) => forward.active.has(name), visit } = options;
  const parts = new Map<string, readonly Value[]>([...options.seeds].map(([name, seed]) => [name, [seed]]));
  const totals = new Map<string, Value>();
  const gradientOf = (name: string): Value | undefined => {
    const known = totals.get(name);
    if (known !== undefined) return known;
    const uses = parts.get(name);
    if (uses === undefined) return undefined;
    const total = uses.reduce((a, b) => op.add(a, b));
    totals.set(name, total);
    return total;
  };
  const around = { ...neighboursOf(trace, forward), active: into };
  for (let i = end - 1; i >= 0; i--) {
    const node = nodes[i]!;
    if (![...usedBy(node)].some((name) => forward.active.has(name))) continue;
    if (!node.outputs.some((name) => name !== "" && forward.active.has(name) && parts.has(name))) continue;
    for (const [input, part] of differentiate(trace, node, { around, gradientOf, visit })) {
      const name = node.inputs[input]!;
      if (part === undefined || !into(name)) continue;
      parts.set(name, [...(parts.get(name) ?? []), withShapeOf(trace, part, name)]);
    }
  }
  for (const name of trace.wrt) gradientOf(name);
  return totals;
}

/** A gradient has the shape of what it is the gradient of, whatever was known when it was written. */
function withShapeOf(trace: Trace, part: Value, name: string): Value {
  const { dims } = trace.value(name);
  return dims === undefined ? part : { ...part, dims };
}

interface Sweep {
  readonly around: Neighbours;
  readonly visit: SweepOptions["visit"];
  gradientOf(name: string): Value | undefined;
}

function differentiate(
  trace: Trace,
  node: Node,
  { around, gradientOf, visit }: Sweep,
): readonly (readonly [number, Value | undefined])[] {
  const rule = ruleFor(node);
  if (rule === undefined) throw refusal(node, "there is no rule for this operator");
  if (rule.kind === "none") throw refusal(node, rule.reason);
  if (rule.kind !== "gradient") return [];
  const context = contextOf(trace, node, around);
  const unknown = node.inputs.find((name, at) => name !== "" && context.xs[at] === undefined);
  if (unknown !== undefined)
    throw refusal(node, `nothing is known of ${quote(unknown)}, which an operator made that is not one of ONNX's`);
  const gs = node.outputs.map((name) => (name === "" ? undefined : gradientOf(name)));
  const withGradients = gradientContext(context, gs);
  visit?.(withGradients);
  return [...rule.rule(withGradients).entries()];
}

/** A node's context with the gradients of its outputs. */
export function gradientContext(context: NodeContext, gs: readonly (Value | undefined)[]): GradientContext {
  return {
    ...context,
    gs,
    get g() {
      return gs[0] ?? context.op.zerosLike(context.y);
    },
  };
}

/** The trace's nodes as rules may ask about them; a node that is asked for another output is replaced by one that has it. */
export function neighboursOf(trace: Trace, forward: Forward): Neighbours {
  const places = new Map<string, number>();
  const uses = new Map<string, number>();
  trace.nodes.forEach((node, i) => {
    for (const name of node.outputs) if (name !== "") places.set(name, i);
    for (const name of usedBy(node)) uses.set(name, (uses.get(name) ?? 0) + 1);
  });
  return {
    producer: (name) => {
      const place = places.get(name);
      return place === undefined ? undefined : trace.nodes[place];
    },
    uses: (name) => uses.get(name) ?? 0,
    active: (name) => forward.active.has(name),
    addOutput(node, index) {
      const place = places.get(node.outputs.find((name) => name !== "")!)!;
      const current = trace.nodes[place]!;
      if ((current.outputs[index] ?? "") !== "") return current.outputs[index]!;
      const outputs = Array.from({ length: Math.max(index + 1, current.outputs.length) }, (_, i) => current.outputs[i] ?? "");
      outputs[index] = trace.scope.builder.fresh(`${outputs[0]}/${index}`);
      trace.nodes[place] = { ...current, outputs };
      return outputs[index];
    },
  };
}
