/** Calls of the functions that a model brings along. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { operatorName, subgraphs } from "../graph.ts";
import type { Attribute, Graph, Model, ModelFunction, Node } from "../graph.ts";

const key = ({ domain, name, overload = "" }: { domain: string; name: string; overload?: string | undefined }): string =>
  `${domain}\u0000${name}\u0000${overload}`;

/** The functions of a model by the nodes that call them. */
export class FunctionTable {
  private readonly functions: ReadonlyMap<string, ModelFunction>;

  constructor(model: Model) {
    this.functions = new Map(model.functions.map((fn) => [key(fn), fn]));
  }

  of(node: Node): ModelFunction | undefined {
    if (this.functions.size === 0) return undefined;
    return this.functions.get(key({ domain: node.domain, name: node.op, overload: node.overload }));
  }

  /**
   * How many nodes the model has once every call is written out, bodies of control flow included.
   * @throws onnx/bad-graph when a function calls itself · onnx/too-costly when there are more than `limit`
   */
  expandedNodes(model: Model, limit: number): number {
    const counts = new Map<ModelFunction, number>();
    const open = new Set<ModelFunction>();
    const countFunction = (fn: ModelFunction): number => {
      const known = counts.get(fn);
      if (known !== undefined) return known;
      if (open.has(fn)) {
        throw new ModelkeepError("onnx/bad-graph", {
          message: `function ${quote(operatorName({ domain: fn.domain, op: fn.name }))} calls itself`,
          hint: "ONNX functions cannot recurse; export the model again",
          status: 400,
        });
      }
      open.add(fn);
      const count = countNodes(fn.nodes);
      open.delete(fn);
      counts.set(fn, count);
      return count;
    };
    const countNodes = (nodes: readonly Node[]): number => {
      let count = 0;
      for (const node of nodes) {
        const fn = this.of(node);
        count += 1 + (fn === undefined ? 0 : countFunction(fn));
        for (const { graph } of subgraphs(node)) count += countNodes(graph.nodes);
        if (count > limit) throw tooMany(limit);
      }
      return count;
    };
    // A function that nobody calls must still not call itself.
    for (const fn of model.functions) countFunction(fn);
    return countNodes(model.graph.nodes);
  }
}

function tooMany(limit: number): ModelkeepError {
  return new ModelkeepError("onnx/too-costly", {
    message: `written out, the model's function calls are more than ${limit} nodes`,
    hint: "if the model is yours and meant to be this large, raise maxExpandedNodes",
    status: 400,
  });
}

/** The nodes of a call: the function's body with the call's attributes put in place of references to them. */
export function bodyOf(fn: ModelFunction, call: Node): readonly Node[] {
  const given = (name: string): Attribute | undefined => call.attributes.get(name) ?? fn.defaults.get(name);
  return fn.nodes.map((node) => resolve(node, given));
}

function resolve(node: Node, given: (name: string) => Attribute | undefined): Node {
  let changed = false;
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) {
    if (attribute.kind === "reference") {
      changed = true;
      const value = given(attribute.value);
      // An attribute that the call leaves out is left out in the body too.
      if (value !== undefined) attributes.set(name, value);
    } else if (attribute.kind === "graph") {
      const graph = resolveGraph(attribute.value, given);
      changed ||= graph !== attribute.value;
      attributes.set(name, { kind: "graph", value: graph });
    } else attributes.set(name, attribute);
  }
  return changed ? { ...node, attributes } : node;
}

function resolveGraph(graph: Graph, given: (name: string) => Attribute | undefined): Graph {
  const nodes = graph.nodes.map((node) => resolve(node, given));
  return nodes.every((node, i) => node === graph.nodes[i]) ? graph : { ...graph, nodes };
}
