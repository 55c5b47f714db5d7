/** What a rule is shown of a node. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { attributeOf, floatAttr, intAttr, intsAttr, nodeLabel, stringAttr } from "../onnx/index.ts";
import type { Node } from "../onnx/index.ts";
import type { AttributeReader, NodeContext } from "./define.ts";
import type {} from "./errors.ts";
import type { Trace } from "./trace.ts";
import type { Value } from "./value.ts";

/** How nodes hang together, as the engine sees it at the moment. */
export interface Neighbours {
  producer(name: string): Node | undefined;
  /** How many nodes read a value; the graph's outputs count as readers. */
  uses(name: string): number;
  /** Asks a node for one more output; gives its name. */
  addOutput(node: Node, index: number): string;
  /** Whether the gradient of a value is asked for. */
  active(name: string): boolean;
}

/** The context of a node. */
export function contextOf(trace: Trace, node: Node, around: Neighbours): NodeContext {
  const valueOf = (name: string): Value | undefined => (name !== "" && trace.has(name) ? trace.value(name) : undefined);
  const [xs, ys] = [node.inputs.map(valueOf), node.outputs.map(valueOf)];
  return {
    node,
    // INVARIANT: rules without inputs or outputs of tensor type do not read x and y.
    x: xs[0] as Value,
    xs,
    y: ys[0] as Value,
    ys,
    attrs: attributesOf(node),
    op: trace.op,
    scope: trace.scope,
    numbers: trace.scope.numbers,
    known: trace.scope.known,
    wants: (input) => node.inputs[input] !== undefined && around.active(node.inputs[input]),
    output(index, like) {
      const value = { name: around.addOutput(node, index), type: like.type, dims: like.dims };
      trace.note(value);
      return value;
    },
    producer: (value) => around.producer(value.name),
    onlyUse: (value) => around.uses(value.name) === 1,
    refuse: (reason, hint) => refusal(node, reason, hint),
  };
}

/** The error for a node that cannot be differentiated. */
export function refusal(
  node: Node,
  reason: string,
  hint = "choose another output or other tensors, or use score- or decision-based attacks",
): ModelkeepError {
  return new ModelkeepError("autodiff/not-differentiable", {
    message: `node ${quote(nodeLabel(node))} has no gradient: ${reason}`,
    hint,
    status: 400,
  });
}

function attributesOf(node: Node): AttributeReader {
  return {
    int: (name, fallback) => intAttr(node, name, fallback),
    float: (name, fallback) => floatAttr(node, name, fallback),
    string: (name, fallback) => stringAttr(node, name, fallback),
    ints: (name) => intsAttr(node, name, undefined),
    floats: (name) => attributeOf(node, name, "floats"),
    strings: (name) => attributeOf(node, name, "strings"),
    has: (name) => node.attributes.has(name),
  };
}
