/** The forward nodes as they will be differentiated: those that a gradient passes through are written out in simpler operators where a rule says so. */
import { usedBy } from "../onnx/index.ts";
import type { Graph, Node } from "../onnx/index.ts";
import { contextOf } from "./context.ts";
import type { Neighbours } from "./context.ts";
import type { Definition } from "./define.ts";
import { loweringFor, ruleFor } from "./registry.ts";
import type { Trace } from "./trace.ts";

/** Which values the wanted tensors reach, and by what they were stopped. */
export interface Forward {
  /** Values that move with a wanted tensor. */
  readonly active: Set<string>;
  /** Nodes with a wanted tensor's influence at an input and none at the output: their derivative is zero. */
  readonly stopped: Map<Node, Extract<Definition, { kind: "zero" }>>;
  /** For nodes that were written in place of one of the graph's: that one. */
  readonly origins: ReadonlyMap<Node, Node>;
}

/** Writes the graph's nodes into the trace, lowered where a gradient passes. */
export function writeForward(trace: Trace, needed: ReadonlySet<Node>): Forward {
  const active = new Set(trace.wrt);
  const stopped: Forward["stopped"] = new Map();
  const around = neighboursOf(trace.graph, active);
  const origins = new Map<Node, Node>();
  let origin: Node | undefined;
  const untouched = new Set(trace.graph.nodes.filter((node) => !needed.has(node)));
  const visit = (node: Node): void => {
    if (untouched.has(node) || ![...usedBy(node)].some((name) => active.has(name))) {
      trace.nodes.push(node);
      if (origin !== undefined && origin !== node) origins.set(node, origin);
      return;
    }
    if (lower(trace, node, { around, visit })) return;
    trace.nodes.push(node);
    if (origin !== undefined && origin !== node) origins.set(node, origin);
    const rule = ruleFor(node);
    if (rule?.kind === "zero") stopped.set(node, rule);
    else for (const name of node.outputs) if (name !== "") active.add(name);
  };
  for (const node of trace.graph.nodes) visit((origin = node));
  return { active, stopped, origins };
}

interface Lowering {
  readonly around: Neighbours;
  visit(node: Node): void;
}

/** Replaces a node by what it is made of, if it has a lowering that takes it. */
function lower(trace: Trace, node: Node, { around, visit }: Lowering): boolean {
  const lowering = loweringFor(node);
  if (lowering === undefined) return false;
  const before = trace.nodes.length;
  const results = lowering.lower(contextOf(trace, node, around));
  if (results === undefined) return false;
  // Written nodes may have lowerings of their own: each is looked at again.
  const written = trace.nodes.splice(before);
  for (const inner of written) visit(inner);
  for (const [i, name] of node.outputs.entries()) {
    const value = results[i];
    if (name === "" || value === undefined) continue;
    visit({ op: "Identity", domain: "", name: "", inputs: [value.name], outputs: [name], attributes: new Map() });
  }
  return true;
}

function neighboursOf(graph: Graph, active: ReadonlySet<string>): Neighbours {
  const producers = new Map<string, Node>();
  const uses = new Map<string, number>();
  const use = (name: string): void => void uses.set(name, (uses.get(name) ?? 0) + 1);
  for (const node of graph.nodes) {
    for (const name of node.outputs) producers.set(name, node);
    for (const name of usedBy(node)) use(name);
  }
  for (const { name } of graph.outputs) use(name);
  return {
    producer: (name) => producers.get(name),
    uses: (name) => uses.get(name) ?? 0,
    active: (name) => active.has(name),
    addOutput() {
      throw new TypeError("a lowering replaces its node and cannot ask it for outputs");
    },
  };
}
