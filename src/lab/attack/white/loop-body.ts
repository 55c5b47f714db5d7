/**
 * A gradient graph as the body of a Loop: a whole attack, or several of its steps, is one run, and nothing crosses threads in between.
 * Whoever writes the loop says what is carried from round to round and what a round does before and after its gradient.
 */
import { GraphBuilder, tensorType } from "../../../model/onnx/index.ts";
import type { Graph, Model, TensorType } from "../../../model/onnx/index.ts";

/** A value of a round, and what it is. */
export type Typed = readonly [value: string, type: TensorType];

/** What one round is made of. */
export interface LoopPlan {
  /** The gradient graph; its nodes are computed once a round. */
  readonly model: Model;
  /** Names that are taken, shared with the graph around the loop. */
  readonly names: Set<string>;
  /** Names under which the round reads what is carried, in the order of the loop's inputs. */
  readonly carried: readonly Typed[];
  /** Where the graph's constants lie. Inside, ONNX Runtime may rearrange weights for its kernels; weights that are state stay outside. */
  readonly constants: "inside" | "outside";
  /**
   * Writes the nodes around the gradient; calls `model` where its nodes belong. `round` counts from 0. Gives what is carried on, then what is kept
   * of each round.
   */
  write(b: GraphBuilder, model: () => void, round: string): readonly Typed[];
}

/** The body. What it does not compute it takes from the outer graph by name. */
export function loopBody({ model, names, carried, constants, write }: LoopPlan): Graph {
  const from = constants === "inside" ? { from: withoutNodes(model.graph) } : {};
  const b = new GraphBuilder({ name: "round", opsets: model.opsets, names, ...from });
  const [round, going] = [b.fresh("round"), b.fresh("going")];
  const nodes = (): void => {
    for (const node of model.graph.nodes) b.add(node);
  };
  const made = write(b, nodes, round);
  const on = b.op("Identity", [going]);
  const inputs: readonly Typed[] = [[round, tensorType("int64", [])], [going, tensorType("bool", [])], ...carried];
  const outputs: readonly Typed[] = [[on, tensorType("bool", [])], ...made];
  return { ...b.build(), inputs: inputs.map(declared), outputs: outputs.map(declared) };
}

const declared = ([name, type]: Typed): { name: string; type: TensorType } => ({ name, type });

/** A graph that has only its constants left. */
export const withoutNodes = (graph: Graph): Graph => ({ ...graph, nodes: [], inputs: [], outputs: [], valueInfo: new Map() });

/** The sign of a slope, 0 where it is no number: a NaN must not move anything. */
export function signOf(b: GraphBuilder, slope: string): string {
  const sign = b.op("Sign", [slope]);
  return b.op("Where", [b.op("IsNaN", [sign]), b.scalar("float32", 0), sign]);
}
