/** The reverse sweep: from the loss back to the tensors asked for, one rule per node, gradients of several uses added up. */
import { usedBy } from "../onnx/index.ts";
import type { Node } from "../onnx/index.ts";
import { contextOf, refusal } from "./context.ts";
import type { Neighbours } from "./context.ts";
import type { Forward } from "./forward.ts";
import { ruleFor } from "./registry.ts";
import type { Trace } from "./trace.ts";
import type { Value } from "./value.ts";

/** Gradients of the loss by value name, for every value on the way that moves with a wanted tensor. */
export function sweepBackward(trace: Trace, forward: Forward, loss: Value): ReadonlyMap<string, Value> {
  const { op, nodes } = trace;
  const parts = new Map<string, Value[]>([[loss.name, [op.expandLike(op.scalar(loss.type, 1), loss)]]]);
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
  const end = nodes.length;
  const around = neighboursOf(trace, forward);
  for (let i = end - 1; i >= 0; i--) {
    const node = nodes[i]!;
    if (![...usedBy(node)].some((name) => forward.active.has(name))) continue;
    if (!node.outputs.some((name) => name !== "" && forward.active.has(name) && parts.has(name))) continue;
    for (const [input, part] of differentiate(trace, node, { around, gradientOf })) {
      const name = node.inputs[input]!;
      if (part === undefined || !forward.active.has(name)) continue;
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
  gradientOf(name: string): Value | undefined;
}

function differentiate(
  trace: Trace,
  node: Node,
  { around, gradientOf }: Sweep,
): readonly (readonly [number, Value | undefined])[] {
  const rule = ruleFor(node);
  if (rule === undefined) throw refusal(node, "there is no rule for this operator");
  if (rule.kind === "none") throw refusal(node, rule.reason);
  if (rule.kind !== "gradient") return [];
  const context = contextOf(trace, node, around);
  const gs = node.outputs.map((name) => (name === "" ? undefined : gradientOf(name)));
  const parts = rule.rule({
    ...context,
    gs,
    get g() {
      return gs[0] ?? trace.op.zerosLike(context.y);
    },
  });
  return [...parts.entries()];
}

/** The trace's nodes as rules may ask about them; a node that is asked for another output is replaced by one that has it. */
function neighboursOf(trace: Trace, forward: Forward): Neighbours {
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
