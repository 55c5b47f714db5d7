/** Weights as inputs and inputs as weights: what training updates must be given, what serving uses must be stored. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { typeOf } from "../graph.ts";
import type { Graph } from "../graph.ts";
import type { Tensor } from "../tensor.ts";

/**
 * The same graph with stored constants as inputs, after the inputs there are.
 * @throws onnx/bad-rewrite when there is no such initializer
 */
export function weightsToInputs(graph: Graph, names: readonly string[]): Graph {
  const initializers = new Map(graph.initializers);
  const inputs = [...graph.inputs];
  for (const name of names) {
    const tensor = initializers.get(name);
    if (tensor === undefined) throw missing(`the graph stores no constant ${quote(name)}`);
    initializers.delete(name);
    if (!inputs.some((info) => info.name === name)) inputs.push({ name, type: typeOf(tensor) });
  }
  return { ...graph, inputs, initializers };
}

/**
 * The same graph with inputs replaced by constants.
 * @throws onnx/bad-rewrite when there is no such input or its type is another
 */
export function inputsToWeights(graph: Graph, values: ReadonlyMap<string, Tensor>): Graph {
  for (const [name, tensor] of values) {
    const type = graph.inputs.find((info) => info.name === name)?.type;
    if (type?.kind !== "tensor") throw missing(`the graph has no tensor input ${quote(name)}`);
    const sameShape =
      type.dims === undefined ||
      (type.dims.length === tensor.dims.length && type.dims.every((dim, i) => typeof dim !== "number" || dim === tensor.dims[i]));
    if (type.elementType !== tensor.type || !sameShape)
      throw missing(`input ${quote(name)} takes another type than the tensor given`);
  }
  return {
    ...graph,
    inputs: graph.inputs.filter(({ name }) => !values.has(name)),
    initializers: new Map([...graph.initializers, ...values]),
  };
}

const missing = (message: string): ModelkeepError =>
  new ModelkeepError("onnx/bad-rewrite", { message, hint: "`modelkeep inspect` lists inputs and constants with their types" });
