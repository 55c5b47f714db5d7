/** Where a model can be cut before its last linear layer, and the model with another layer there. */
import { GraphBuilder, indexOf } from "../../../model/onnx/index.ts";
import type { Model, Node } from "../../../model/onnx/index.ts";

/** Where the test cuts: the value that the last linear layer reads. */
export interface Features {
  readonly model: Model;
  readonly value: string;
}

/** The features before the last linear layer of a model that gives logits; undefined when it has none. */
export function featuresOf(model: Model, logits: string): Features | undefined {
  const index = indexOf(model.graph);
  const passes = new Set(["Identity", "Cast", "LogSoftmax", "Mul", "Div", "Add", "Sub", "Concat"]);
  const stored = (value: string): boolean => model.graph.initializers.has(value) || index.producer(value)?.op === "Constant";
  let node: Node | undefined = index.producer(logits);
  for (let depth = 0; node !== undefined && depth < 8; depth++) {
    if (node.op === "Gemm" || node.op === "MatMul")
      return stored(node.inputs[1] ?? "") ? inFloats(model, node.inputs[0]!) : undefined;
    if (!passes.has(node.op)) return undefined;
    const moving: string | undefined = node.inputs.find((value) => !stored(value));
    node = moving === undefined ? undefined : index.producer(moving);
  }
  return undefined;
}

/** The features in the type that a planted layer computes in: models of half precision have theirs. */
function inFloats(model: Model, value: string): Features {
  const b = GraphBuilder.from(model);
  return { value: b.op("Cast", [value], { to: 1 }), model: b.model(model) };
}

/** The inputs by which a planted layer is told. */
export const layerNames = { weights: "planted/weights", bias: "planted/bias" } as const;

/**
 * The model with a layer in place of its last one: class 1 is what is planted. The layer is told at each run, so that one model stands for the
 * tests of all examples.
 */
export function withPlantedLayer({ model, value }: Features, width: number): Model {
  const b = GraphBuilder.from(model);
  const weights = b.input(layerNames.weights, "float32", [width, 1]);
  const bias = b.input(layerNames.bias, "float32", [1]);
  const score = b.op("Add", [b.op("MatMul", [value, weights]), bias]);
  b.clearOutputs().output(b.op("Concat", [b.op("Sub", [score, score]), score], { axis: 1 }), "float32", [null, 2]);
  return b.model(model);
}
