/** What a shape rule sees of one node, and the words it speaks with. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { attributeOf, floatAttr, intAttr, intsAttr, stringAttr } from "../attribute.ts";
import { nodeLabel } from "../graph.ts";
import type { Dim, Graph, Node } from "../graph.ts";
import type { ElementType, Tensor } from "../tensor.ts";
import { asTensor } from "./abstract.ts";
import type { Abstract, Out } from "./abstract.ts";

/** Services of the engine that a rule may need. */
export interface RuleHost {
  /** A new symbol for a dimension that only running the graph will tell, at most the largest of `max`; unbounded when that is left out. */
  fresh(node: Node, max?: readonly Dim[]): string;
  /** Types of a body's outputs, given its inputs; `times` is how often the body runs, undefined when only running will tell. */
  body(graph: Graph, inputs: readonly Abstract[], times: number | undefined): readonly Abstract[];
  /** Like {@link body}, for looking only: nobody counts its cost. */
  peek(graph: Graph, inputs: readonly Abstract[]): readonly Abstract[];
  /** Notes that only running the graph will tell how much a node takes. */
  unbounded(node: Node, reason: string): void;
}

/** One node under inference. */
export class NodeView {
  readonly node: Node;
  /** Version of the node's domain. */
  readonly opset: number;
  readonly inputs: readonly (Abstract | undefined)[];
  readonly host: RuleHost;

  constructor(node: Node, opset: number, inputs: readonly (Abstract | undefined)[], host: RuleHost) {
    this.node = node;
    this.opset = opset;
    this.inputs = inputs;
    this.host = host;
  }

  /** Whether an optional input is given. */
  has(index: number): boolean {
    return (this.node.inputs[index] ?? "") !== "";
  }

  dims(index: number): readonly Dim[] | undefined {
    return asTensor(this.inputs[index])?.dims;
  }

  rank(index: number): number | undefined {
    return this.dims(index)?.length;
  }

  elementType(index: number): ElementType | undefined {
    return asTensor(this.inputs[index])?.elementType;
  }

  /** What each element of an input is, when it is small and at least its length is known. */
  elements(index: number): readonly Dim[] | undefined {
    return this.inputs[index]?.elements;
  }

  int<D extends number | undefined>(name: string, fallback: D): number | D {
    return intAttr(this.node, name, fallback);
  }

  ints<D extends readonly number[] | undefined>(name: string, fallback: D): readonly number[] | D {
    return intsAttr(this.node, name, fallback);
  }

  float<D extends number | undefined>(name: string, fallback: D): number | D {
    return floatAttr(this.node, name, fallback);
  }

  string<D extends string | undefined>(name: string, fallback: D): string | D {
    return stringAttr(this.node, name, fallback);
  }

  tensor(name: string): Tensor | undefined {
    return attributeOf(this.node, name, "tensor");
  }

  /** @throws onnx/bad-graph when the node has no such body */
  graph(name: string): Graph {
    const graph = attributeOf(this.node, name, "graph");
    if (graph !== undefined) return graph;
    throw new ModelkeepError("onnx/bad-graph", {
      message: `node ${quote(nodeLabel(this.node))} has no body ${quote(name)}`,
      hint: "export the model again; the file is damaged",
      status: 400,
    });
  }

  /**
   * Numbers given as an attribute in old versions and as an input in new ones: the list, `undefined` when not given, `"unknown"` when
   * only running the graph will tell.
   */
  numbers(attribute: string, input: number): readonly number[] | undefined | "unknown" {
    const listed = this.ints(attribute, undefined);
    if (listed !== undefined) return listed;
    if (!this.has(input)) return undefined;
    const elements = this.elements(input);
    if (elements === undefined || elements.some((element) => typeof element !== "number")) return "unknown";
    return elements as number[];
  }

  /** An axis counted from the front. @throws onnx/bad-shape */
  axis(axis: number, rank: number): number {
    if (!Number.isInteger(axis) || axis < -rank || axis >= rank) this.fail(`axis ${axis} does not exist in rank ${rank}`);
    return axis < 0 ? axis + rank : axis;
  }

  fresh(max?: readonly Dim[]): string {
    return this.host.fresh(this.node, max);
  }

  /** @throws onnx/bad-shape always, naming the node */
  fail(message: string): never {
    throw new ModelkeepError("onnx/bad-shape", {
      message: `node ${quote(nodeLabel(this.node))}: ${message}`,
      hint: "the graph contradicts itself there; export the model again or fix the node",
      status: 400,
    });
  }

  /** An unknown shape of known rank, each dimension bounded by nothing. */
  unknownDims(rank: number): Dim[] {
    return Array.from({ length: rank }, () => null);
  }
}

/** Says what a node's outputs are; entries may be missing or undefined where nothing is known. */
export type Rule = (n: NodeView) => readonly (Out | undefined)[];

/** Rules by operator name, of one domain. */
export type Rules = Readonly<Record<string, Rule>>;
