/**
 * Exporters write attention with examples and heads in one axis, [batch × heads, positions, size], and positions and examples in one,
 * [positions × batch, width], because PyTorch's kernels want it so. Such an axis says nothing of examples any more. This pass writes the same graph with the
 * axes apart: from the Reshape that joins them to the one that parts them again, every operator works on the same elements in the same order.
 */
import { GraphBuilder, indexOf, inferModel } from "../../onnx/index.ts";
import type { Dim, Node } from "../../onnx/index.ts";
import type { Prepared } from "../prepare.ts";
import { apartRules, viewed } from "./apart-rules.ts";
import type { Apart } from "./apart-rules.ts";
import { factorsOf, isJoined, isPlain, refine, refineFixed } from "./factors.ts";

const views = new Set(["Reshape", "Flatten"]);

/**
 * The model with the examples in an axis of their own wherever that can be. What cannot be told apart stays as it is.
 * @param batch the batch size that the file was written for, if it was for one
 */
export function withRowsApart(prepared: Prepared, batch: number | undefined): Prepared {
  const free = batch === undefined || batch < 2 ? prepared : withFreeShapes(prepared, batch);
  const hasJoined = free.model.graph.nodes.some(({ outputs }) => outputs.some((name) => dimsIn(free)(name)?.some(isJoined)));
  if (!hasJoined) return free;
  const { b } = walk(free, undefined);
  const model = b.model(free.model);
  return { model, values: inferModel(model).values };
}

/** Shapes that hold the file's batch size, one behind another, with the place of the examples left open. */
function withFreeShapes(prepared: Prepared, batch: number): Prepared {
  const { stale } = walk(prepared, batch);
  if (stale.size === 0) return prepared;
  const { graph } = prepared.model;
  const b = new GraphBuilder({
    from: { ...graph, nodes: [] },
    opsets: prepared.model.opsets,
    names: new Set(indexOf(graph).names),
  });
  for (const node of graph.nodes) {
    const target = stale.get(node.outputs[0]!);
    b.add(target === undefined ? node : { ...node, inputs: [node.inputs[0]!, b.ints(target)] });
  }
  const model = b.model(prepared.model);
  return withFreeShapes({ model, values: inferModel(model).values }, batch);
}

const dimsIn =
  ({ values }: Prepared) =>
  (name: string): readonly Dim[] | undefined => {
    const type = values.get(name)?.type;
    return type?.kind === "tensor" ? type.dims : undefined;
  };

function walk(prepared: Prepared, batch: number | undefined): Writing {
  const { graph } = prepared.model;
  const b = new GraphBuilder({
    from: { ...graph, nodes: [] },
    opsets: prepared.model.opsets,
    names: new Set(indexOf(graph).names),
  });
  const numbersOf = (name: string): readonly number[] | undefined => {
    const elements = prepared.values.get(name)?.elements;
    return elements?.every((element) => typeof element === "number") ? (elements as number[]) : undefined;
  };
  const writing: Writing = {
    b,
    batch,
    apart: new Map(),
    joined: new Set(),
    stale: new Map(),
    behind: new Set(),
    dimsOf: dimsIn(prepared),
    numbersOf,
  };
  for (const node of graph.nodes) write(node, writing);
  for (const { name } of graph.outputs) if (writing.apart.has(name)) joinAgain(name, writing);
  return writing;
}

interface Writing {
  readonly b: GraphBuilder;
  readonly apart: Map<string, Apart>;
  /** Values that are there with their axes joined as well. */
  readonly joined: Set<string>;
  readonly batch: number | undefined;
  /** By the output of a Reshape for one batch size: its shape for any. */
  readonly stale: Map<string, readonly number[]>;
  /** Values behind these, whose sizes are not known yet. */
  readonly behind: Set<string>;
  numbersOf(name: string): readonly number[] | undefined;
  dimsOf(name: string): readonly Dim[] | undefined;
}

function write(node: Node, writing: Writing): void {
  const { b, apart, dimsOf, behind, stale } = writing;
  const target = freed(node, writing);
  if (target !== undefined) stale.set(node.outputs[0]!, target);
  if (target !== undefined || node.inputs.some((name) => behind.has(name))) {
    for (const name of node.outputs) behind.add(name);
    return;
  }
  const inputs = node.inputs.map((name) => apart.get(name));
  const [output = "", ...others] = node.outputs;
  const rule = node.domain === "" && others.every((name) => name === "") ? apartRules.get(node.op) : undefined;
  const isApart = inputs.some((input) => input !== undefined);
  const made = isApart ? rule?.({ b, node, inputs, dimsOf }) : joining(node, writing);
  if (made === undefined) {
    // Nothing is known of this operator: it takes the axes as the file has them.
    for (const [i, name] of node.inputs.entries()) if (inputs[i] !== undefined) joinAgain(name, writing);
    b.add(node);
  } else if (isPlain(made.groups)) b.add(identity(made.value, output));
  else apart.set(output, made);
}

/** The shape of a Reshape for any number of examples, when it was written for one. */
function freed({ op, domain, inputs, outputs }: Node, writing: Writing): readonly number[] | undefined {
  const { batch, apart, behind, dimsOf, numbersOf } = writing;
  if (batch === undefined || op !== "Reshape" || domain !== "" || behind.has(inputs[0]!)) return undefined;
  const from = apart.get(inputs[0]!)?.groups.flat() ?? factorsOf(dimsOf(inputs[0]!));
  const shape = numbersOf(inputs[1]!);
  if (from === undefined || shape === undefined || !from.some(({ rows }) => rows)) return undefined;
  const to = factorsOf(dimsOf(outputs[0]!));
  if (to !== undefined && refine(from, to) !== undefined) return undefined;
  const all = from.reduce((product, { n, rows }) => product * n * (rows ? batch : 1), 1);
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const groups = refineFixed(
    from,
    shape.map((size) => (size === -1 ? all / known : size)),
    batch,
  );
  return groups?.map((group) => (group.some(({ rows }) => rows) ? -1 : group[0]!.n));
}

/** A Reshape that joins the examples with something else, written so that it does not. */
function joining(node: Node, { b, dimsOf }: Writing): Apart | undefined {
  const to = dimsOf(node.outputs[0]!);
  const from = factorsOf(dimsOf(node.inputs[0]!));
  if (!views.has(node.op) || node.domain !== "" || from === undefined || !to?.some(isJoined)) return undefined;
  return viewed(b, { value: node.inputs[0]!, groups: from.map((factor) => [factor]) }, to);
}

function joinAgain(name: string, { b, apart, joined, dimsOf }: Writing): void {
  if (joined.has(name)) return;
  joined.add(name);
  const target = dimsOf(name)!.map((dim) => (typeof dim === "number" ? dim : -1));
  const inputs = [apart.get(name)!.value, b.ints(target)];
  b.add({ op: "Reshape", domain: "", name: "", inputs, outputs: [name], attributes: new Map() });
}

const identity = (value: string, output: string): Node => ({
  op: "Identity",
  domain: "",
  name: "",
  inputs: [value],
  outputs: [output],
  attributes: new Map(),
});
