/**
 * Proves from the graph that no row's content flows into another row's answer. `row-probe.ts` tries a model out on inputs it made up;
 * a model can be built to behave until a certain input comes along, and then no probe helps, but this does.
 *
 * Each value is either `free` (no row's content is in it; sizes may be) or has its rows along one axis, and then its slice i holds
 * content of row i alone. Every operator that is known to keep this says so in `row-rules.ts`; one unknown operator on rows ends the proof.
 */
import { capturedBy, inferModel, nodeLabel, requiredInputs, subgraphs, tensorType } from "../onnx/index.ts";
import type { Abstract, Dim, Model, Node } from "../onnx/index.ts";
import { rowsSymbol } from "./row-lanes.ts";
import type { Lane, RowView } from "./row-lanes.ts";
import { rowRules } from "./row-rules.ts";

export type RowProof =
  | { readonly proven: true }
  | { readonly proven: false; /** The node at which the proof ended. */ readonly at: string };

export function proveRows(model: Model): RowProof {
  const { graph } = model;
  // A model may bring a function of its own under the name of an operator that we think we know.
  const impostor = model.functions.find(({ domain, name }) => rowRules.has(ruleName(domain, name)));
  if (impostor) return { proven: false, at: impostor.name };
  const inputs = requiredInputs(graph);
  const assumed = new Map<string, Abstract>();
  const lanes = new Map<string, Lane>();
  for (const { name, type } of inputs) {
    if (type?.kind !== "tensor" || (type.dims?.length ?? 0) === 0) return { proven: false, at: name };
    assumed.set(name, { type: tensorType(type.elementType, [rowsSymbol, ...type.dims!.slice(1)]), constant: false });
    lanes.set(name, 0);
  }
  // INVARIANT: nothing that the file merely says of its inner values counts; a hostile one says what it likes.
  const { values } = inferModel(model, { inputs: assumed, trustDeclared: false });
  const opset = model.opsets.get("") ?? 0;
  const laneOf = (name: string): Lane => lanes.get(name) ?? "free";
  for (const node of graph.nodes) {
    const out = lanesAfter(node, { laneOf, values, opset });
    if (out === undefined) return { proven: false, at: nodeLabel(node) };
    for (const [i, name] of node.outputs.entries()) lanes.set(name, typeof out === "object" ? (out[i] ?? "free") : out);
  }
  const mixed = graph.outputs.find(({ name }) => laneOf(name) !== 0);
  return mixed ? { proven: false, at: mixed.name } : { proven: true };
}

const ruleName = (domain: string, op: string): string => (domain === "" || domain === "ai.onnx" ? op : `${domain}.${op}`);

interface Known {
  laneOf(name: string): Lane;
  readonly values: ReadonlyMap<string, Abstract>;
  readonly opset: number;
}

function lanesAfter(node: Node, { laneOf, values, opset }: Known): Lane | readonly Lane[] | undefined {
  const lanes = node.inputs.map(laneOf);
  for (const { graph } of subgraphs(node)) {
    for (const name of capturedBy(graph)) if (laneOf(name) !== "free") return undefined;
  }
  if (lanes.every((lane) => lane === "free")) return "free";
  const dims = (name: string | undefined): readonly Dim[] | undefined => {
    const type = name === undefined ? undefined : values.get(name)?.type;
    return type?.kind === "tensor" ? type.dims : undefined;
  };
  const attribute = (name: string, kind: string): unknown => {
    const found = node.attributes.get(name);
    return found?.kind === kind ? found.value : undefined;
  };
  const [first, ...others] = lanes;
  const view: RowView = {
    node,
    opset,
    lanes,
    only: first !== "free" && others.every((lane) => lane === "free") ? first : undefined,
    inputDims: (index) => dims(node.inputs[index]),
    outputDims: (index) => dims(node.outputs[index]),
    numbers(index) {
      const elements = values.get(node.inputs[index] ?? "")?.elements;
      return elements?.every((element) => typeof element === "number") ? (elements as number[]) : undefined;
    },
    int: (name, fallback) => Number(attribute(name, "int") ?? fallback),
    ints: (name) => (attribute(name, "ints") as readonly (number | bigint)[] | undefined)?.map(Number),
    text: (name, fallback) => String(attribute(name, "string") ?? fallback),
  };
  return rowRules.get(ruleName(node.domain, node.op))?.(view);
}
