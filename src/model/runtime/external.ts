import { ModelkeepError, quote } from "../../base/error/index.ts";
import { readModel, subgraphs } from "../onnx/index.ts";
import type { Attribute, Graph, Model, Node, SparseTensor, Tensor } from "../onnx/index.ts";
import type {} from "./errors.ts";

/**
 * INVARIANT: ONNX Runtime never gets a model that names data we did not give it. Without graph optimisation 1.30 opens such a location
 * as a path relative to the working directory, even for a model that came as bytes, and a location can also mean an address in memory.
 * @throws runtime/external-data, and what `readModel` throws for bytes that are no model
 */
export function checkExternalData(bytes: Uint8Array, given: ReadonlyMap<string, Uint8Array> | undefined): void {
  for (const location of externalLocations(readModel(bytes))) {
    if (given?.has(location) && !location.includes("_ORT_MEM_ADDR_")) continue;
    throw new ModelkeepError("runtime/external-data", {
      message: `the model keeps weights in another file, ${quote(location)}, which was not given`,
      hint: "list the file with its digest in the config, or export the model as one file (`onnx.save(model, path)`)",
      status: 422,
    });
  }
}

/** Every place outside its file where a model says that data lies. */
export function externalLocations(model: Model): ReadonlySet<string> {
  const found = new Set<string>();
  const tensor = (value: Tensor): void => void (value.external && found.add(value.external.location));
  const sparse = ({ values, indices }: SparseTensor): void => [values, indices].forEach(tensor);
  const attribute = ({ kind, value }: Attribute): void => {
    if (kind === "tensor") tensor(value);
    if (kind === "tensors") value.forEach(tensor);
    if (kind === "sparse") sparse(value);
    if (kind === "sparses") value.forEach(sparse);
  };
  const nodes = (list: readonly Node[]): void => {
    for (const node of list) {
      for (const value of node.attributes.values()) attribute(value);
      for (const inner of subgraphs(node)) graph(inner.graph);
    }
  };
  const graph = ({ initializers, sparseInitializers, nodes: list }: Graph): void => {
    for (const value of initializers.values()) tensor(value);
    for (const value of sparseInitializers?.values() ?? []) sparse(value);
    nodes(list);
  };
  graph(model.graph);
  for (const inner of model.functions) {
    for (const value of inner.defaults.values()) attribute(value);
    nodes(inner.nodes);
  }
  return found;
}
