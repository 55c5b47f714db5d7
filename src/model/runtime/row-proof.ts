/**
 * Proves from the graph that no row's content flows into another row's answer. `row-probe.ts` tries a model out on inputs it made up;
 * a model can be built to behave until a certain input comes along, and then no probe helps, but this does. The rules are the room `onnx`'s.
 */
import { inferModel, knowsRows, lanesAfter, nodeLabel, requiredInputs, rowsSymbol, tensorType } from "../onnx/index.ts";
import type { Abstract, Lane, Model } from "../onnx/index.ts";

export type RowProof =
  | { readonly proven: true }
  | { readonly proven: false; /** The node at which the proof ended. */ readonly at: string };

export function proveRows(model: Model): RowProof {
  const { graph } = model;
  // A model may bring a function of its own under the name of an operator that we think we know.
  const impostor = model.functions.find(({ domain, name }) => knowsRows({ domain, op: name }));
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
    const out = lanesAfter(node, { laneOf, valueOf: (name) => values.get(name), opset });
    if (out === undefined) return { proven: false, at: nodeLabel(node) };
    for (const [i, name] of node.outputs.entries()) lanes.set(name, out[i]!);
  }
  const mixed = graph.outputs.find(({ name }) => laneOf(name) !== 0);
  return mixed ? { proven: false, at: mixed.name } : { proven: true };
}
