/** Probabilities that nothing can be cut off from, as logarithms: what an attack climbs then keeps its slope where the model is sure. */
import { contractOf, extract, GraphBuilder, renameUses } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { firstFloatOutput, plainForm } from "./logits.ts";
import { plainScores } from "./wrapping.ts";

/** Below this a probability counts as this much: servers and files alike. */
export const leastProbability = 1e-30;

/** What is said of a model whose scores became logarithms. */
export const logarithmNote = "the scores are probabilities: attacks see their logarithms";

/**
 * The model with the logarithms of its probabilities, log max(p, 10⁻³⁰), as its only output, under the name that the probabilities had.
 * Their order, and so every answer, is the same down to that floor.
 */
export function withLogarithms(given: Model, output?: string): Model {
  const whole = plainForm(given);
  const name = output ?? firstFloatOutput(whole);
  const part = extract(whole, { outputs: [name] });
  const scores = plainScores(part, contractOf(part).outputs[0]!);
  const [{ name: last, type }] = scores.graph.outputs as [Model["graph"]["outputs"][number]];
  const b = GraphBuilder.from(scores);
  const logarithms = b.op("Log", [b.op("Max", [last, b.scalar("float32", leastProbability)])]);
  b.clearOutputs().output(logarithms);
  const { graph, ...rest } = b.model(scores);
  const swapped = (value: string): string => (value === name ? logarithms : value === logarithms ? name : value);
  const nodes = graph.nodes.map((node) => ({ ...renameUses(node, swapped), outputs: node.outputs.map(swapped) }));
  return { ...rest, graph: { ...graph, nodes, outputs: [{ name, ...(type === undefined ? {} : { type }) }] } };
}
