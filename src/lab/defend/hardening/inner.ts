/**
 * The inner maximisation of adversarial training (Madry et al. 2018, arXiv:1706.06083, eq. 2.1) as one graph: a loop of gradient, step and
 * projection around weights that are state, so that a whole attack is one run and nothing crosses threads between its steps.
 */
import { gradient } from "../../../model/autodiff/index.ts";
import { GraphBuilder, indexOf, renameUses, tensorType } from "../../../model/onnx/index.ts";
import type { Dim, Graph, Model } from "../../../model/onnx/index.ts";
import { loopBody, lossGraph, signOf, withoutNodes } from "../../attack/index.ts";

/** Norms in which training can look for its examples. */
export type HardenNorm = "linf" | "l2";

/** What is attacked. */
export interface InnerPlan {
  /** A classifier cut down to logits, its weights stored by the names they are trained under. */
  readonly model: Model;
  readonly input: string;
  readonly logits: string;
  readonly classes: number;
  readonly rowDims: readonly number[];
  readonly norm: HardenNorm;
  readonly low: number;
  readonly high: number;
  /** `cross-entropy` of the label, or the `kl` divergence from the answer at the example itself (Zhang et al. 2019, arXiv:1901.08573, eq. 5). */
  readonly loss: "cross-entropy" | "kl";
  /** linf: radius and step are given for each number of each example instead of once for all. */
  readonly perNumber?: boolean;
}

/** The names by which the graph is run; `steps` is an int64, `step` and `epsilon` are floats, without dimensions but for `perNumber`. */
export const innerNames = {
  origin: "inner/origin",
  start: "inner/start",
  steps: "inner/steps",
  step: "inner/step",
  epsilon: "inner/epsilon",
  found: "inner/found",
} as const;

/** The attack as a model, and the name of its labels where it needs any. */
export interface InnerAttack {
  readonly model: Model;
  readonly labels: string | undefined;
}

/** Writes the attack. @throws autodiff/not-differentiable · autodiff/no-path */
export function writeInner(plan: InnerPlan): InnerAttack {
  const ascent = plan.loss === "kl" ? ofDivergence(plan) : ofLabel(plan);
  const names = new Set([...indexOf(ascent.model.graph).names, ...indexOf(plan.model.graph).names]);
  names.delete(reference); // an input of the body alone, which the outer graph now computes
  const b = new GraphBuilder({ name: "inner", opsets: ascent.model.opsets, from: withoutNodes(ascent.model.graph), names });
  const dims: readonly Dim[] = ["N", ...plan.rowDims];
  const { origin, start, steps, step, epsilon, found } = innerNames;
  for (const name of [origin, start]) b.input(name, "float32", dims);
  b.input(steps, "int64", []);
  for (const name of [step, epsilon]) b.input(name, "float32", plan.perNumber === true ? dims : []);
  const labels = ascent.model.graph.inputs.filter(({ name }) => name === ascent.labels);
  if (plan.loss === "kl") writeReference(b, plan);
  b.call({ op: "Loop", inputs: [steps, undefined, start], attributes: { body: round(plan, ascent, names) }, outputs: [found] });
  b.output(found, "float32", dims);
  const graph = b.build();
  const model = { ...ascent.model, graph: { ...graph, inputs: [...graph.inputs, ...labels] } };
  return { model: { ...model, functions: [] }, labels: ascent.labels };
}

/** A model that computes the gradient of what is raised; its constants become those of the outer graph. */
interface Ascent {
  readonly model: Model;
  readonly gradient: string;
  readonly labels: string | undefined;
}

function ofLabel({ model, input, logits, classes }: InnerPlan): Ascent {
  const graph = lossGraph("cross-entropy", { model, input, logits, classes });
  return { model: graph.model, gradient: graph.gradient, labels: graph.labels };
}

const reference = "inner/reference";

/** Σ −p log q over rows: the divergence but for the entropy of p, which does not move. */
function ofDivergence({ model, input, logits, classes }: InnerPlan): Ascent {
  const b = GraphBuilder.from(model);
  const p = b.input(reference, "float32", [null, classes]);
  const log = b.op("LogSoftmax", [logits], { axis: 1 });
  const loss = b.output(b.op("Neg", [b.op("ReduceSum", [b.op("Mul", [p, log])], { keepdims: 0 })]), "float32", []);
  const made = gradient(b.model(model), { loss: "sum", output: loss, wrt: [input] });
  return { model: made.model, gradient: made.gradients.get(input)!, labels: undefined };
}

/** What the model says of the examples themselves, once, before the loop. */
function writeReference(b: GraphBuilder, { model, input, logits }: InnerPlan): void {
  const moved = new Map<string, string>([[input, innerNames.origin]]);
  const renamed = (name: string): string => moved.get(name) ?? name;
  for (const node of model.graph.nodes) {
    const uses = renameUses(node, renamed);
    const outputs = node.outputs.map((name) => (name === "" ? "" : b.fresh(`inner/${name}`)));
    for (const [i, name] of node.outputs.entries()) if (name !== "") moved.set(name, outputs[i]!);
    b.add({ ...uses, name: "", outputs });
  }
  b.call({ op: "Softmax", inputs: [renamed(logits)], attributes: { axis: 1 }, outputs: [reference] });
}

/** One round: gradient, step, projection. The weights are state of a training. */
function round(plan: InnerPlan, { model, gradient: slope }: Ascent, names: Set<string>): Graph {
  const row = tensorType("float32", ["N", ...plan.rowDims]);
  return loopBody({
    model,
    names,
    carried: [[plan.input, row]],
    constants: "outside",
    write(b, write) {
      write();
      return [[stepped(b, plan, slope), row]];
    },
  });
}

/** The steepest step of its length, then back into the ball and between the bounds. */
function stepped(b: GraphBuilder, { input, norm, low, high, rowDims }: InnerPlan, slope: string): string {
  const { origin, step, epsilon } = innerNames;
  const bounds = [b.scalar("float32", low), b.scalar("float32", high)] as const;
  if (norm === "linf") {
    const moved = b.op("Add", [input, b.op("Mul", [signOf(b, slope), step])]);
    const near = b.op("Max", [moved, b.op("Sub", [origin, epsilon])]);
    return b.op("Clip", [b.op("Min", [near, b.op("Add", [origin, epsilon])]), ...bounds]);
  }
  const axes = b.ints(rowDims.map((_, i) => i + 1));
  const lengthOf = (x: string): string => b.op("Max", [b.op("ReduceL2", [x, axes], { keepdims: 1 }), b.scalar("float32", 1e-12)]);
  const moved = b.op("Add", [input, b.op("Mul", [b.op("Div", [slope, lengthOf(slope)]), step])]);
  const change = b.op("Sub", [moved, origin]);
  const shorter = b.op("Min", [b.op("Div", [epsilon, lengthOf(change)]), b.scalar("float32", 1)]);
  // Between bounds that hold the origin, cutting makes a change only shorter.
  return b.op("Clip", [b.op("Add", [origin, b.op("Mul", [change, shorter])]), ...bounds]);
}
