/**
 * Lists of tensors whose length is known become the tensors themselves: exporters split, collect and join through lists, and a gradient
 * follows tensors only.
 */
import { attributeOf, GraphBuilder, intAttr, tensorOf } from "../onnx/index.ts";
import type { Abstract, Attribute, Dim, Model, Node } from "../onnx/index.ts";

interface Unpacking {
  readonly builder: GraphBuilder;
  readonly nodes: Node[];
  readonly values: ReadonlyMap<string, Abstract>;
  /** Members of each list that is known, by the list's name. */
  readonly lists: Map<string, readonly string[]>;
}

/** The model with every list of known length taken apart; the same model when it has none. */
export function unpackSequences(model: Model, values: ReadonlyMap<string, Abstract>): Model {
  if (!model.graph.nodes.some((node) => node.domain === "" && Object.hasOwn(handlers, node.op))) return model;
  const to: Unpacking = { builder: GraphBuilder.from(model), nodes: [], values, lists: new Map() };
  let changed = false;
  for (const node of model.graph.nodes) {
    const handled = node.domain === "" && Object.hasOwn(handlers, node.op) && handlers[node.op]!(to, node);
    // A list stays beside its members for whoever still asks for it; unused, it is dropped with all dead code.
    if (handled === "read") changed = true;
    else to.nodes.push(node);
  }
  return changed ? { ...model, graph: { ...to.builder.build(), nodes: to.nodes } } : model;
}

/** `read`: the node is replaced · `kept`: its members are known now · undefined: nothing is known. */
type Handler = (to: Unpacking, node: Node) => "read" | "kept" | undefined;

const handlers: Readonly<Record<string, Handler>> = {
  SequenceEmpty: (to, node) => keep(to, node, []),
  SequenceConstruct: (to, node) => keep(to, node, node.inputs),
  SequenceInsert(to, node) {
    const list = to.lists.get(node.inputs[0]!);
    const place = (node.inputs[2] ?? "") === "" ? list?.length : integers(to, node.inputs[2]!)?.[0];
    if (list === undefined || place === undefined) return undefined;
    return keep(to, node, list.toSpliced(place, 0, node.inputs[1]!));
  },
  SequenceErase(to, node) {
    const list = to.lists.get(node.inputs[0]!);
    const place = (node.inputs[1] ?? "") === "" ? -1 : integers(to, node.inputs[1]!)?.[0];
    if (list === undefined || place === undefined) return undefined;
    return keep(to, node, list.toSpliced(place, 1));
  },
  SplitToSequence: (to, node) => {
    const members = split(to, node);
    return members && keep(to, node, members);
  },
  SequenceAt(to, node) {
    const list = to.lists.get(node.inputs[0]!);
    const place = integers(to, node.inputs[1]!)?.[0];
    const member = place === undefined ? undefined : list?.at(place);
    if (member === undefined) return undefined;
    write(to, { op: "Identity", inputs: [member], output: node.outputs[0]! });
    return "read";
  },
  SequenceLength(to, node) {
    const list = to.lists.get(node.inputs[0]!);
    if (list === undefined) return undefined;
    write(to, { op: "Identity", inputs: [to.builder.constant(tensorOf("int64", [], [list.length]))], output: node.outputs[0]! });
    return "read";
  },
  ConcatFromSequence(to, node) {
    const list = to.lists.get(node.inputs[0]!);
    if (list === undefined || list.length === 0) return undefined;
    const axis = intAttr(node, "axis", 0);
    const layers = intAttr(node, "new_axis", 0) === 0 ? list : list.map((name) => layer(to, name, axis));
    write(to, { op: "Concat", inputs: layers, output: node.outputs[0]!, axis });
    return "read";
  },
};

function keep(to: Unpacking, node: Node, members: readonly string[]): "kept" {
  to.lists.set(node.outputs[0]!, members);
  return "kept";
}

interface Written {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly axis?: number;
}

function write(to: Unpacking, { op, inputs, output, axis }: Written): void {
  const attributes = new Map<string, Attribute>(axis === undefined ? [] : [["axis", { kind: "int", value: axis }]]);
  to.nodes.push({ op, domain: "", name: "", inputs, outputs: [output], attributes });
}

function layer(to: Unpacking, name: string, axis: number): string {
  const output = to.builder.fresh(`${name}/layer`);
  write(to, { op: "Unsqueeze", inputs: [name, to.builder.ints([axis])], output });
  return output;
}

function integers({ values }: Unpacking, name: string): readonly number[] | undefined {
  const elements = values.get(name)?.elements;
  return elements?.every((element: Dim) => typeof element === "number") ? (elements as readonly number[]) : undefined;
}

/** Pieces of a tensor along an axis: single slices, pieces of one length (the last may be shorter), or of given lengths. */
function split(to: Unpacking, node: Node): readonly string[] | undefined {
  const [x, lengths = ""] = node.inputs as [string, string?];
  const type = to.values.get(x)?.type;
  const dims = type?.kind === "tensor" ? type.dims : undefined;
  const axis = intAttr(node, "axis", 0);
  const size = dims?.at(axis);
  const given = lengths === "" ? [1] : integers(to, lengths);
  if (given === undefined || typeof size !== "number" || size === 0) return undefined;
  const lengthsType = to.values.get(lengths)?.type;
  const single = lengths === "" || (lengthsType?.kind === "tensor" && lengthsType.dims?.length === 0);
  const piece = given[0]!;
  const parts = single ? Array.from({ length: Math.ceil(size / piece) }, (_, i) => Math.min(piece, size - i * piece)) : given;
  const outputs = parts.map((_, i) => to.builder.fresh(`${x}/${i}`));
  const attributes: readonly (readonly [string, Attribute])[] = [["axis", { kind: "int", value: axis }]];
  to.nodes.push({
    op: "Split",
    domain: "",
    name: "",
    inputs: [x, to.builder.ints(parts)],
    outputs,
    attributes: new Map(attributes),
  });
  if (lengths !== "" || attributeOf(node, "keepdims", "int") !== 0) return outputs;
  return outputs.map((name) => {
    const output = to.builder.fresh(name);
    write(to, { op: "Squeeze", inputs: [name, to.builder.ints([axis])], output });
    return output;
  });
}
