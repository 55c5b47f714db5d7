/** Where the examples lie in each value of a graph under differentiation, and the refusal of whatever mixes them. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { lanesAfter, nodeLabel, rowsSymbol, tensorType, toNumbers, usedBy } from "../../onnx/index.ts";
import type { Lane, Node } from "../../onnx/index.ts";
import type {} from "../errors.ts";
import type { Forward } from "../forward.ts";
import type { Trace } from "../trace.ts";

/** Examples by value: along an axis, or none of their content in it. */
export interface Lanes {
  laneOf(name: string): Lane;
  /** The axis of examples of a value, which must have one. */
  rowsOf(name: string): number;
  /** Learns the nodes that were written since the last call. */
  advance(): void;
  /** Says where the examples of an input are. */
  set(name: string, lane: Lane): void;
  /** @throws autodiff/mixes-examples when a value depends on a node that may mix examples */
  check(value: string): void;
}

/** Follows examples through the trace's nodes, from inputs that hold one in each index of axis 0. */
export function createLanes(trace: Trace, forward: Forward, inputs: readonly string[]): Lanes {
  const lanes = new Map<string, Lane>(inputs.map((name) => [name, 0]));
  const mixers = new Map<string, Node>();
  let done = 0;
  const laneOf = (name: string): Lane => lanes.get(name) ?? "free";
  const valueOf = (name: string) => {
    if (name === "" || !trace.has(name)) return undefined;
    const value = trace.value(name);
    const tensor = trace.scope.known(value);
    const small = tensor !== undefined && tensor.external === undefined && tensor.data.length <= 4096;
    return {
      type: tensorType(value.type, value.dims),
      elements: small && tensor.type !== "string" ? toNumbers(tensor) : undefined,
    };
  };
  const learn = (node: Node): void => {
    const out = lanesAfter(node, { laneOf, valueOf, opset: trace.scope.opset });
    // The sizes of a tensor hold nothing of what is in it.
    if (node.domain === "" && (node.op === "Shape" || node.op === "Size")) return void lanes.set(node.outputs[0]!, "free");
    const mixer = [...usedBy(node)].map((name) => mixers.get(name)).find((found) => found !== undefined);
    for (const [i, name] of node.outputs.entries()) {
      if (name === "") continue;
      if (mixer !== undefined || out === undefined) mixers.set(name, mixer ?? forward.origins.get(node) ?? node);
      else lanes.set(name, out[i] === "free" ? copiesLane(trace, node) : out[i]!);
    }
  };
  return {
    laneOf,
    rowsOf(name) {
      const lane = laneOf(name);
      if (lane !== "free") return lane;
      throw new TypeError(`value ${name} has no axis of examples`);
    },
    advance() {
      for (; done < trace.nodes.length; done++) learn(trace.nodes[done]!);
    },
    set: (name, lane) => void lanes.set(name, lane),
    check(value) {
      const mixer = mixers.get(value);
      if (mixer !== undefined) throw mixes(mixer);
    },
  };
}

/**
 * Something stretched over the batch, a class token or a first state: each example has its own copy, so that the gradient of a copy is that
 * example's.
 */
function copiesLane(trace: Trace, node: Node): Lane {
  if (node.domain !== "" || (node.op !== "Expand" && node.op !== "ConstantOfShape")) return "free";
  const to = trace.value(node.outputs[0]!).dims;
  const lane = to?.indexOf(rowsSymbol) ?? -1;
  if (lane < 0 || node.op === "ConstantOfShape") return lane < 0 ? "free" : lane;
  const from = trace.value(node.inputs[0]!).dims;
  const before = from?.[from.length - to!.length + lane];
  return from !== undefined && (before === undefined || before === 1) ? lane : "free";
}

/** Why examples mix in a node, and what helps. */
export function mixes(node: Node): ModelkeepError {
  const why = reasons[node.op] ?? "it may mix the examples of a batch";
  return new ModelkeepError("autodiff/mixes-examples", {
    message: `node ${quote(nodeLabel(node))} (${node.op}) has no gradient for each example: ${why}`,
    hint:
      node.op === "BatchNormalization"
        ? "normalise each example by itself: `--replace batch-norm=group-norm`"
        : "keep examples apart along the first axis, from the inputs to the loss; export with a free batch dimension",
    status: 400,
  });
}

const sums = "it reduces over the axis of examples";
const reasons: Readonly<Record<string, string>> = {
  BatchNormalization: "in training form it normalises over the batch, so that each example's gradient depends on all others",
  Reshape: "it joins or moves the axis of examples",
  Flatten: "it joins the axis of examples with another",
  Softmax: "it normalises over the axis of examples",
  LogSoftmax: "it normalises over the axis of examples",
  ...Object.fromEntries(
    ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"].map((by) => [`Reduce${by}`, sums]),
  ),
};
