/**
 * Writes out control flow whose course is known before the model runs: branches of a constant condition, loops of a constant count, scans
 * over a fixed length. What remains has no gradient, and its nodes say so.
 */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { attributeOf, GraphBuilder, indexOf, intAttr, intsAttr, nodeLabel, tensorOf } from "../onnx/index.ts";
import type { Abstract, Attribute, Graph, Model, Node } from "../onnx/index.ts";

/** A written-out loop beyond this is no graph that anybody wants. */
const maxNodes = 200_000;

interface Unrolling {
  readonly builder: GraphBuilder;
  readonly values: ReadonlyMap<string, Abstract>;
  readonly nodes: Node[];
}

/** The model with every If, Loop and Scan of known course written out; the same model when there is none. */
export function unrollControl(model: Model, values: ReadonlyMap<string, Abstract>): Model {
  if (!model.graph.nodes.some((node) => node.domain === "" && node.op in writers)) return model;
  const to: Unrolling = { builder: GraphBuilder.from(model), values, nodes: [] };
  let changed = false;
  for (const node of model.graph.nodes) {
    const write = node.domain === "" ? writers[node.op] : undefined;
    const results = write?.(to, node);
    if (results === undefined) {
      to.nodes.push(node);
      continue;
    }
    changed = true;
    node.outputs.forEach((name, i) => {
      if (name !== "") to.nodes.push(nodeOf("Identity", [results[i]!], name));
    });
    if (to.nodes.length > maxNodes) throw tooLong(node);
  }
  if (!changed) return model;
  const built = to.builder.build();
  return { ...model, graph: { ...built, nodes: to.nodes } };
}

const tooLong = (node: Node): ModelkeepError =>
  new ModelkeepError("autodiff/not-differentiable", {
    message: `node ${quote(nodeLabel(node))} has no gradient: written out, it is more than ${maxNodes} nodes`,
    hint: "differentiate with a shorter sequence",
    status: 400,
  });

const nodeOf = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, Attribute>> = {},
): Node => ({
  op,
  domain: "",
  name: "",
  inputs,
  outputs: [output],
  attributes: new Map(Object.entries(attributes)),
});

/** Names of the outputs, or undefined when the course is not known. */
type Writer = (to: Unrolling, node: Node) => readonly string[] | undefined;

const writers: Readonly<Record<string, Writer>> = { If: branch, Loop: loop, Scan: scan };

function branch(to: Unrolling, node: Node): readonly string[] | undefined {
  const condition = scalar(to, node.inputs[0]);
  if (condition === undefined) return undefined;
  const body = attributeOf(node, condition === 0 ? "else_branch" : "then_branch", "graph");
  return body && inline(to, body, []);
}

/** Inputs: most iterations, first condition, state; the body gives condition, state, and what is collected. */
function loop(to: Unrolling, node: Node): readonly string[] | undefined {
  const body = attributeOf(node, "body", "graph");
  const count = scalar(to, node.inputs[0]);
  const first = (node.inputs[1] ?? "") === "" ? 1 : scalar(to, node.inputs[1]);
  if (body === undefined || first === undefined || count === undefined || (first !== 0 && !alwaysGoesOn(to, body)))
    return undefined;
  const times = first === 0 ? 0 : Math.max(0, count);
  const stateCount = node.inputs.length - 2;
  const scanned: string[][] = body.outputs.slice(1 + stateCount).map(() => []);
  // Without a round nothing tells what an empty collection looks like.
  if (times === 0 && scanned.length > 0) return undefined;
  if (times * body.nodes.length > maxNodes) throw tooLong(node);
  let state: readonly string[] = node.inputs.slice(2);
  for (let i = 0; i < times; i++) {
    const round = to.builder.constant(tensorOf("int64", [], [i]));
    const goesOn = to.builder.constant(tensorOf("bool", [], [1]));
    const results = inline(to, body, [round, goesOn, ...state]);
    state = results.slice(1, 1 + stateCount);
    scanned.forEach((list, at) => list.push(results[1 + stateCount + at]!));
  }
  return [...state, ...scanned.map((list) => stack(to, list, 0))];
}

/** Whether the body's condition is the constant true, its own or one of the graph around it, or the one it was given. */
function alwaysGoesOn(to: Unrolling, body: Graph): boolean {
  let name = body.outputs[0]!.name;
  const index = indexOf(body);
  for (;;) {
    if (name === body.inputs[1]?.name) return true;
    const constant = body.initializers.get(name);
    if (constant !== undefined) return constant.data[0] === 1;
    const node = index.producer(name);
    if (node === undefined) return !body.inputs.some((input) => input.name === name) && scalar(to, name) === 1;
    if (node.op === "Constant") return attributeOf(node, "value", "tensor")?.data[0] === 1;
    if (node.op !== "Identity" && node.op !== "Cast") return false;
    name = node.inputs[0]!;
  }
}

/** State first, then what is scanned over; the body gives state, then what is collected. */
function scan(to: Unrolling, node: Node): readonly string[] | undefined {
  const body = attributeOf(node, "body", "graph");
  const scans = intAttr(node, "num_scan_inputs", 0);
  const stateCount = node.inputs.length - scans;
  const sources = node.inputs.slice(stateCount);
  const axes = intsAttr(node, "scan_input_axes", undefined) ?? sources.map(() => 0);
  const lengths = sources.map((name, i) => dimsOf(to, name)?.at(axes[i]!));
  const times = lengths.find((length) => typeof length === "number");
  if (body === undefined || typeof times !== "number" || times === 0) return undefined;
  if (times * body.nodes.length > maxNodes) throw tooLong(node);
  const backwards = intsAttr(node, "scan_input_directions", undefined) ?? [];
  let state: readonly string[] = node.inputs.slice(0, stateCount);
  const scanned: string[][] = body.outputs.slice(stateCount).map(() => []);
  for (let i = 0; i < times; i++) {
    const slices = sources.map((name, at) => pick(to, name, axes[at]!, backwards[at] === 1 ? times - 1 - i : i));
    const results = inline(to, body, [...state, ...slices]);
    state = results.slice(0, stateCount);
    scanned.forEach((list, at) => list.push(results[stateCount + at]!));
  }
  const turned = intsAttr(node, "scan_output_directions", undefined) ?? [];
  const along = intsAttr(node, "scan_output_axes", undefined) ?? [];
  return [...state, ...scanned.map((list, at) => stack(to, turned[at] === 1 ? list.toReversed() : list, along[at] ?? 0))];
}

/** A known integer or truth value. */
function scalar({ values }: Unrolling, name: string | undefined): number | undefined {
  const element = values.get(name ?? "")?.elements?.[0];
  return typeof element === "number" ? element : undefined;
}

function dimsOf({ values }: Unrolling, name: string) {
  const type = values.get(name)?.type;
  return type?.kind === "tensor" ? type.dims : undefined;
}

function pick(to: Unrolling, name: string, axis: number, at: number): string {
  const output = to.builder.fresh(`${name}/${at}`);
  const index = to.builder.constant(tensorOf("int64", [], [at]));
  to.nodes.push(nodeOf("Gather", [name, index], output, { axis: { kind: "int", value: axis } }));
  return output;
}

/** Joins what the rounds collected along a new axis. */
function stack(to: Unrolling, list: readonly string[], axis: number): string {
  const axes = to.builder.ints([axis]);
  const layers = list.map((name) => {
    const layer = to.builder.fresh(`${name}/layer`);
    to.nodes.push(nodeOf("Unsqueeze", [name, axes], layer));
    return layer;
  });
  const output = to.builder.fresh("stack");
  to.nodes.push(nodeOf("Concat", layers, output, { axis: { kind: "int", value: axis } }));
  return output;
}

/** Appends a copy of a body under fresh names, its inputs bound; gives its outputs. */
function inline(to: Unrolling, body: Graph, inputs: readonly string[]): readonly string[] {
  const names = new Map<string, string>();
  body.inputs.forEach(({ name }, i) => void names.set(name, inputs[i] ?? ""));
  for (const [name, tensor] of body.initializers) if (!names.has(name)) names.set(name, to.builder.constant(tensor, name));
  for (const node of body.nodes) {
    for (const name of node.outputs) if (name !== "") names.set(name, to.builder.fresh(name));
    to.nodes.push({ ...renamed(node, names), name: "" });
  }
  return body.outputs.map(({ name }) => names.get(name) ?? name);
}

function renamed(node: Node, names: ReadonlyMap<string, string>): Node {
  const rename = (name: string): string => names.get(name) ?? name;
  const attributes = new Map<string, Attribute>();
  for (const [key, attribute] of node.attributes)
    attributes.set(key, attribute.kind === "graph" ? { kind: "graph", value: renamedGraph(attribute.value, names) } : attribute);
  return { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename), attributes };
}

/** A nested body whose captures are renamed; what it defines itself hides outer names. */
function renamedGraph(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const visible = new Map(names);
  for (const { name } of graph.inputs) visible.delete(name);
  for (const name of graph.initializers.keys()) visible.delete(name);
  for (const node of graph.nodes) for (const name of node.outputs) visible.delete(name);
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renamed(node, visible)),
    outputs: graph.outputs.map((output) => ({ ...output, name: visible.get(output.name) ?? output.name })),
  };
}
