/** How many different tokens a model knows. */
import type { Model } from "../onnx/index.ts";

/** Rows of the table that is looked up by the numbers of an input; undefined when none is. */
export function embeddingRows({ graph }: Model, input: string): number | undefined {
  const tokens = new Set([input]);
  for (const { op, domain, inputs, outputs } of graph.nodes) {
    if (domain !== "") continue;
    if ((op === "Cast" || op === "Identity") && tokens.has(inputs[0]!)) tokens.add(outputs[0]!);
    const table = op === "Gather" && tokens.has(inputs[1]!) ? graph.initializers.get(inputs[0]!) : undefined;
    if (table?.type === "float32" && table.dims.length === 2) return table.dims[0];
  }
  return undefined;
}
