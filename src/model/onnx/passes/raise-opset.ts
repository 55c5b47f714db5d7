/**
 * Raising a graph to a newer operator set: where an operator's definition changed between versions, the node is rewritten so that it
 * means the same. Sources: onnx/docs/Changelog.md, and onnx/version_converter for the cases it has.
 */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { GraphBuilder, irVersionFor } from "../builder.ts";
import { factsOf, newestOpset } from "../facts.ts";
import { nodeLabel, subgraphs } from "../graph.ts";
import type { Attribute, Graph, Model, Node, ValueType } from "../graph.ts";
import { indexOf } from "../lookup.ts";
import { inferTypes } from "../shapes.ts";

import { changes } from "./opset-changes.ts";
import type { Change } from "./opset-changes.ts";

/**
 * The same model in a newer version of the standard operator set; the same model when it is there already.
 * @throws onnx/bad-rewrite when a node has no equal in the newer version, or the model has functions
 * @example
 * const modern = raiseOpset(model, 18);
 */
export function raiseOpset(model: Model, target: number): Model {
  const from = model.opsets.get("") ?? newestOpset;
  if (from >= target) return model;
  if (model.functions.length > 0 || from < 9) {
    throw new ModelkeepError("onnx/bad-rewrite", {
      message: from < 9 ? `version ${from} is too old to be raised` : "a model with functions of its own cannot be raised",
      hint: "export the model with a newer opset_version, or convert it with onnx.version_converter",
    });
  }
  const types = inferTypes(model);
  const names = new Set(indexOf(model.graph).names);
  let { graph } = model;
  for (let version = from + 1; version <= target; version++) {
    const now = changes.filter(({ at }) => at === version);
    if (now.length > 0) graph = raiseGraph(graph, { now, types, names, from: version - 1 });
  }
  const opsets = new Map(model.opsets).set("", target);
  const raised: Model = { ...model, opsets, graph, irVersion: Math.max(model.irVersion, irVersionFor(opsets)) };
  for (const node of graph.nodes) checkKnown(node, target);
  return raised;
}

interface Raise {
  readonly now: readonly Change[];
  readonly types: ReadonlyMap<string, ValueType>;
  /** Of the whole model, bodies included. */
  readonly names: Set<string>;
  readonly from: number;
}

function raiseGraph(graph: Graph, raise: Raise): Graph {
  const touched = graph.nodes.some((node) => raise.now.some(({ op }) => op === node.op) || subgraphs(node).length > 0);
  if (!touched) return graph;
  const b = new GraphBuilder({ from: { ...graph, nodes: [] }, opsets: new Map([["", raise.from + 1]]), names: raise.names });
  for (const node of graph.nodes) {
    const change = node.domain === "" ? raise.now.find(({ op }) => op === node.op) : undefined;
    if (change !== undefined) change.adapt({ node, b, from: raise.from, type: (name) => raise.types.get(name) });
    else b.add(raiseBodies(node, raise));
  }
  return b.build();
}

function raiseBodies(node: Node, raise: Raise): Node {
  if (subgraphs(node).length === 0) return node;
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) {
    const body = attribute.kind === "graph" ? raiseGraph(attribute.value, raise) : undefined;
    attributes.set(name, body === undefined ? attribute : { kind: "graph", value: body });
  }
  return { ...node, attributes };
}

function checkKnown(node: Node, target: number): void {
  const facts = node.domain === "" ? factsOf({ ...node, opset: target }) : undefined;
  if (node.domain !== "" || (facts !== undefined && !facts.deprecated)) return;
  throw new ModelkeepError("onnx/bad-rewrite", {
    message: `node ${quote(nodeLabel(node))} has no equal in version ${target}`,
    hint: "export the model with a newer opset_version",
  });
}
