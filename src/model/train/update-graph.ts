/** The optimiser's part of a step's graph: from gradients to the next weights and state. */
import type { Graph, GraphBuilder } from "../onnx/index.ts";
import type { StepPlan } from "./step-graph.ts";

/** State of the optimiser for a weight, or a group of them. */
export const slotName = (slot: string, group: string): string => `${slot}(${group})`;

/** The average of a weight. */
export const averageName = (weight: string): string => `ema(${weight})`;

/** Weights that an optimiser moves together, as one row of numbers where they are several. */
export interface WeightGroup {
  /** What the optimiser's state is called after. */
  readonly name: string;
  readonly size: number;
  readonly weights: readonly { readonly name: string; readonly dims: readonly number[] }[];
}

/** Elements from which on a weight is worth operators of its own. */
const large = 2 ** 15;

/**
 * Most weights of a network are so small that starting an operator costs more than what it does: they are moved as one tensor, in a dozen operators in
 * place of a dozen for each. Large ones are not copied together.
 */
export function groupsOf(graph: Graph, weights: readonly string[]): readonly WeightGroup[] {
  const all = weights.map((name): WeightGroup => {
    const { dims } = graph.initializers.get(name)!;
    return { name, size: dims.reduce((a, b) => a * b, 1), weights: [{ name, dims }] };
  });
  const small = all.filter(({ size }) => size < large);
  if (small.length < 2) return all;
  const row: WeightGroup = {
    name: "*",
    size: small.reduce((sum, { size }) => sum + size, 0),
    weights: small.flatMap((group) => group.weights),
  };
  return [...all.filter(({ size }) => size >= large), row];
}

/** A group's weights and gradients as one tensor each, and the way back. */
function joined(b: GraphBuilder, { size, weights }: WeightGroup, gradients: ReadonlyMap<string, string>) {
  const [only, ...more] = weights;
  if (more.length === 0)
    return { weight: only!.name, gradient: gradients.get(only!.name)!, dims: only!.dims, apart: (value: string) => [value] };
  const row = (values: readonly string[]): string =>
    b.op(
      "Concat",
      values.map((value) => b.op("Reshape", [value, b.ints([-1])])),
      { axis: 0 },
    );
  const lengths = weights.map(({ dims }) => dims.reduce((p, d) => p * d, 1));
  return {
    weight: row(weights.map(({ name }) => name)),
    gradient: row(weights.map(({ name }) => gradients.get(name)!)),
    dims: [size],
    apart: (value: string) =>
      b
        .call({ op: "Split", inputs: [value, b.ints(lengths)], attributes: { axis: 0 }, outputs: weights.length })
        .map((part, i) => b.op("Reshape", [part, b.ints(weights[i]!.dims)])),
  };
}

/** The optimiser behind given gradients, in a builder that has the weights as inputs; gives the outputs that become state. */
export function writeUpdates(
  b: GraphBuilder,
  gradients: ReadonlyMap<string, string>,
  plan: StepPlan,
): Readonly<Record<string, string>> {
  const { optimizer, settings } = plan;
  const scalars: Record<string, string> = {};
  for (const name of Object.keys(optimizer.scalars({ step: 1, lr: 1, settings })))
    scalars[name] = b.input(`step/${name}`, "float32", []);
  const clipped = clip(b, gradients, plan);
  const updates: Record<string, string> = {};
  const give = (value: string, state: string, dims: readonly number[]): void => {
    updates[b.output(value, "float32", dims)] = state;
  };
  const share = plan.ema === undefined ? undefined : b.input("step/average", "float32", []);
  for (const group of groupsOf(plan.model.graph, [...gradients.keys()])) {
    const { weight, gradient, dims, apart } = joined(b, group, clipped);
    const slots: Record<string, string> = {};
    for (const slot of optimizer.slots(settings)) slots[slot] = b.input(slotName(slot, group.name), "float32", dims);
    const next = optimizer.update({ b, weight, gradient, slots, scalars, settings });
    for (const [slot, value] of Object.entries(next.slots)) give(value, slotName(slot, group.name), dims);
    for (const [i, value] of apart(next.weight).entries()) {
      const own = group.weights[i]!;
      give(value, own.name, own.dims);
      if (share === undefined) continue;
      const average = b.input(averageName(own.name), "float32", own.dims);
      give(b.op("Add", [average, b.op("Mul", [b.op("Sub", [value, average]), share])]), averageName(own.name), own.dims);
    }
  }
  return updates;
}

/** By value, then by the norm of all gradients together (Pascanu et al. 2013, arXiv:1211.5063); as PyTorch, with 1e-6 below the division. */
function clip(
  b: GraphBuilder,
  gradients: ReadonlyMap<string, string>,
  { clipNorm, clipValue }: StepPlan,
): ReadonlyMap<string, string> {
  let current = gradients;
  if (clipValue !== undefined) {
    const [low, high] = [b.scalar("float32", -clipValue), b.scalar("float32", clipValue)];
    current = new Map([...current].map(([name, value]) => [name, b.op("Clip", [value, low, high])]));
  }
  if (clipNorm === undefined) return current;
  const squares = [...current.values()].map((value) => b.op("ReduceSumSquare", [value], { keepdims: 0 }));
  const norm = b.op("Sqrt", [squares.length === 1 ? squares[0] : b.op("Sum", squares)]);
  const ratio = b.op("Div", [b.scalar("float32", clipNorm), b.op("Add", [norm, b.scalar("float32", 1e-6)])]);
  const scale = b.op("Min", [ratio, b.scalar("float32", 1)]);
  return new Map([...current].map(([name, value]) => [name, b.op("Mul", [value, scale])]));
}
