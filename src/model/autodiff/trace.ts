/** The graph while it is being differentiated: its nodes in order, what is known of values, and where new nodes go. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { attributeOf, elementFamily, GraphBuilder, tensorOf } from "../onnx/index.ts";
import type { Dim, Graph, Model, Node, Tensor, TensorType } from "../onnx/index.ts";
import type {} from "./errors.ts";
import { createOps } from "./ops/index.ts";
import type { Ops } from "./ops/index.ts";
import type { Prepared } from "./prepare.ts";
import { createScope } from "./scope.ts";
import type { Scope } from "./scope.ts";
import { isFixed } from "./value.ts";
import type { Value } from "./value.ts";

/** A graph under differentiation. */
export interface Trace {
  readonly model: Model;
  readonly graph: Graph;
  readonly scope: Scope;
  readonly op: Ops;
  /** Nodes in topological order: the graph's own, some replaced by what they are made of, then those that were added. */
  readonly nodes: Node[];
  /** Tensors whose gradient is asked for: their values are not constants. */
  readonly wrt: ReadonlySet<string>;
  /** What is known of a value. @throws autodiff/unknown-value */
  value(name: string): Value;
  /** Whether anything is known of a value: sequences, maps and the like are not tensors. */
  has(name: string): boolean;
  /** Takes note of a value. */
  note(value: Value): void;
}

/** Starts differentiating a model. */
export function createTrace({ model, values: learnt }: Prepared, wrt: ReadonlySet<string>, blocks?: number): Trace {
  const { graph } = model;
  const builder = GraphBuilder.from(model);
  const values = new Map<string, Value>();
  const constants = new Map<string, Tensor>();
  const note = (value: Value): void => void values.set(value.name, value);
  const noteConstant = (name: string, tensor: Tensor): void => {
    if (!wrt.has(name)) constants.set(name, tensor);
    note({ name, type: tensor.type, dims: tensor.dims });
  };
  for (const [name, { type, elements }] of learnt) {
    if (type?.kind !== "tensor") continue;
    note({ name, type: type.elementType, dims: type.dims });
    const tensor = contents(type, elements);
    if (tensor !== undefined) constants.set(name, tensor);
  }
  for (const [name, tensor] of graph.initializers) noteConstant(name, tensor);
  for (const node of graph.nodes) {
    const tensor = constantOf(node);
    if (tensor !== undefined) noteConstant(node.outputs[0]!, tensor);
  }
  const nodes: Node[] = [];
  const scope = createScope({ builder, nodes, blocks, known: (name) => constants.get(name), note });
  return {
    model,
    graph,
    scope,
    op: createOps(scope),
    nodes,
    wrt,
    note,
    has: (name) => values.has(name),
    value(name) {
      const found = values.get(name);
      if (found !== undefined) return found;
      throw new ModelkeepError("autodiff/unknown-value", {
        message: `nothing is known of the type of ${quote(name)}`,
        hint: "check the model with `modelkeep inspect`; a value's type follows from the operators before it",
        status: 400,
      });
    },
  };
}

/** The tensor whose elements inference has worked out: shapes, axes, conditions. Floats may be weights, which are no constants. */
function contents({ elementType, dims }: TensorType, elements: readonly Dim[] | undefined): Tensor | undefined {
  if (elements === undefined || !isFixed(dims) || !["int", "bool"].includes(elementFamily(elementType))) return undefined;
  return elements.every((element) => typeof element === "number") ? tensorOf(elementType, dims, elements) : undefined;
}

/** The tensor of a Constant node. */
function constantOf(node: Node): Tensor | undefined {
  if (node.op !== "Constant" || node.domain !== "") return undefined;
  const number = attributeOf(node, "value_float", "float");
  return number === undefined ? attributeOf(node, "value", "tensor") : tensorOf("float32", [], [number]);
}
