/**
 * Rows through one node. Each value is either `free` (no row's content is in it; sizes may be) or has its rows along one axis, and then its
 * slice i holds content of row i alone. Every operator that is known to keep this says so in `rules.ts`; one unknown operator on rows mixes.
 */
import type { Abstract } from "../infer/abstract.ts";
import { subgraphs } from "../graph.ts";
import type { Dim, Node } from "../graph.ts";
import { capturedBy } from "../lookup.ts";
import type { Lane, RowView } from "./lane.ts";
import { rowRules } from "./rules.ts";

/** What is known of the graph around a node. */
export interface LaneSurroundings {
  laneOf(name: string): Lane;
  /** What is known of a value; the rows' dimension is {@link rowsSymbol}. */
  valueOf(name: string): Pick<Abstract, "type" | "elements"> | undefined;
  /** Operator set of the standard domain. */
  readonly opset: number;
}

/** Where each output of a node has its rows; undefined when the node may mix rows. */
export function lanesAfter(node: Node, { laneOf, valueOf, opset }: LaneSurroundings): readonly Lane[] | undefined {
  const lanes = node.inputs.map(laneOf);
  const all = (lane: Lane): readonly Lane[] => node.outputs.map(() => lane);
  for (const { graph } of subgraphs(node)) {
    for (const name of capturedBy(graph)) if (laneOf(name) !== "free") return undefined;
  }
  if (lanes.every((lane) => lane === "free")) return all("free");
  const dims = (name: string | undefined): readonly Dim[] | undefined => {
    const type = name === undefined ? undefined : valueOf(name)?.type;
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
      const elements = valueOf(node.inputs[index] ?? "")?.elements;
      return elements?.every((element) => typeof element === "number") ? (elements as number[]) : undefined;
    },
    int: (name, fallback) => Number(attribute(name, "int") ?? fallback),
    ints: (name) => (attribute(name, "ints") as readonly (number | bigint)[] | undefined)?.map(Number),
    text: (name, fallback) => String(attribute(name, "string") ?? fallback),
  };
  const after = rowRules.get(ruleName(node.domain, node.op))?.(view);
  if (after === undefined) return undefined;
  return typeof after === "object" ? node.outputs.map((_, i) => after[i] ?? "free") : all(after);
}

/** Whether something is known of the rows of an operator. */
export const knowsRows = ({ domain, op }: Pick<Node, "domain" | "op">): boolean => rowRules.has(ruleName(domain, op));

const ruleName = (domain: string, op: string): string => (domain === "" || domain === "ai.onnx" ? op : `${domain}.${op}`);
