/** The loss, written behind the model: one graph from batch and labels to a scalar. */
import { GraphBuilder, indexOf, inferTypes, intAttr } from "../onnx/index.ts";
import type { Dim, Model } from "../onnx/index.ts";
import { applyAgain } from "./apply.ts";
import { losses } from "./losses/index.ts";
import type { LossName } from "./losses/index.ts";
import { labelType } from "./losses/define.ts";
import type { Loss } from "./losses/define.ts";
import type { TrainHooks } from "./types.ts";
import { nodesBefore } from "./weights.ts";

/** What the loss is made of. */
export interface LossPlan {
  readonly loss: LossName;
  readonly output: string;
  readonly smoothing: number;
  /** A weight for each class; from data whose classes are not equally large. */
  readonly classWeights?: readonly number[] | undefined;
  /** Whether each example has a weight, an input of the graph. */
  readonly weighed: boolean;
  readonly weights: readonly string[];
  readonly term?: TrainHooks["term"] | undefined;
}

/** The model with its loss. */
export interface LossGraph {
  readonly model: Model;
  /** Scalar output. */
  readonly loss: string;
  /** Losses of single examples. */
  readonly losses: string;
  /** What the loss is taken of, with its shape: the output, or what its final activation takes. */
  readonly scores: string;
  readonly dims: readonly Dim[];
  readonly labels: string;
  readonly exampleWeights: string | undefined;
  /** Inputs that a term added. */
  readonly extra: readonly string[];
}

/** Writes the loss behind a model whose batch size is fixed. */
export function writeLoss(model: Model, plan: LossPlan): LossGraph {
  const loss = losses.get(plan.loss);
  const scores = beforeActivation(model, plan.output, loss);
  const type = inferTypes(model).get(scores);
  const dims = type?.kind === "tensor" ? (type.dims ?? []) : [];
  const b = GraphBuilder.from(model);
  const labels = b.input(unusedName(model, "labels"), ...labelShape(loss, dims));
  const write = (output: string, truth: string): string =>
    loss.write({ b, output, dims, labels: truth, smoothing: plan.smoothing });
  const own = write(scores, labels);
  const balanced = plan.classWeights === undefined ? own : b.op("Mul", [own, weightByClass(b, plan.classWeights, labels, dims)]);
  const exampleWeights = plan.weighed ? b.input(unusedName(model, "example_weights"), "float32", [dims[0] ?? null]) : undefined;
  const perExample = exampleWeights === undefined ? balanced : b.op("Mul", [balanced, exampleWeights]);
  let total = b.op("ReduceMean", [perExample], { keepdims: 0 });
  const extra: string[] = [];
  if (plan.term !== undefined) {
    const nodes = nodesBefore(model.graph, scores);
    const added = plan.term({
      b,
      batch: Number(dims[0]),
      inputs: model.graph.inputs.map(({ name }) => name),
      output: scores,
      outputDims: dims,
      labels,
      losses: perExample,
      weights: plan.weights,
      extra(name, elementType, shape) {
        extra.push(name);
        return b.input(name, elementType, shape);
      },
      apply: (inputs) => applyAgain(b, nodes, { inputs, output: scores }),
      lossOf: (output, truth) => write(output, truth ?? labels),
    });
    total = typeof added === "string" ? b.op("Add", [total, added]) : added.replace;
  }
  const name = b.output(b.op("Identity", [total]), "float32", []);
  return { model: b.model(model), loss: name, losses: perExample, scores, dims, labels, exampleWeights, extra };
}

/** The name, or the nearest free one. */
function unusedName({ graph }: Model, base: string): string {
  let name = base;
  for (let i = 1; indexOf(graph).names.has(name); i++) name = `${base}_${i}`;
  return name;
}

/** Labels of a loss: without the axis of classes, or of the output's own shape. */
function labelShape(loss: Loss, dims: readonly Dim[]): [ReturnType<typeof labelType>, readonly Dim[]] {
  return [labelType(loss.labels), loss.labels === "classes" ? dims.filter((_, axis) => axis !== 1) : dims];
}

/** A model that ends in the loss's own activation is trained on what comes before: the loss has it inside. */
function beforeActivation({ graph }: Model, output: string, loss: Loss): string {
  const node = indexOf(graph).producer(output);
  if (node === undefined || loss.activation === undefined || node.op !== loss.activation) return output;
  const isClasses = node.op !== "Softmax" || [1, -1].includes(intAttr(node, "axis", -1));
  return isClasses ? node.inputs[0]! : output;
}

/** The weight of each example's class; the mean over places where there are several labels. */
function weightByClass(b: GraphBuilder, weights: readonly number[], labels: string, dims: readonly Dim[]): string {
  const table = b.constant({
    type: "float32",
    dims: [weights.length],
    data: new Uint8Array(Float32Array.from(weights).buffer),
  });
  const own = b.op("Gather", [table, labels], { axis: 0 });
  const rank = dims.length - 1;
  if (rank <= 1) return own;
  return b.op("ReduceMean", [own, b.ints(Array.from({ length: rank - 1 }, (_, i) => i + 1))], { keepdims: 0 });
}
