/**
 * One step as one graph: forward, loss, backward and the optimiser's update. Weights, statistics and optimiser state are inputs and outputs, so
 * that they stay where the graph runs; the numbers of a step (learning rate, corrections) are scalar inputs.
 */
import { gradient } from "../autodiff/index.ts";
import { GraphBuilder, removeDeadCode, weightsToInputs } from "../onnx/index.ts";
import type { Model } from "../onnx/index.ts";
import { trainingForm } from "./batch-norm.ts";
import { writeLoss } from "./loss-graph.ts";
import type { LossGraph, LossPlan } from "./loss-graph.ts";
import type { Optimizer, OptimizerSettings } from "./optimizers/define.ts";
import type { DifferentiateRequest, Differentiated, TrainHooks } from "./types.ts";
import { writeUpdates } from "./update-graph.ts";

/** What a step's graph is written from. */
export interface StepPlan {
  /** Batch size fixed. */
  readonly model: Model;
  readonly loss: LossPlan;
  readonly isFrozen: (name: string) => boolean;
  readonly optimizer: Optimizer;
  readonly settings: OptimizerSettings;
  readonly clipNorm?: number | undefined;
  readonly clipValue?: number | undefined;
  readonly ema?: number | undefined;
  readonly differentiate?: TrainHooks["differentiate"];
  /** Channels that convolutions take at once where the step will run. */
  readonly blocks?: number | undefined;
}

/** Gradients by weight, and the values around them. */
export interface GradientStep {
  readonly model: Model;
  readonly gradients: ReadonlyMap<string, string>;
  readonly lossOutput: string;
  readonly lossGraph: LossGraph;
  /** Outputs that become state, by output. */
  readonly updates: Readonly<Record<string, string>>;
}

/** Forward, loss and backward; weights and running statistics are inputs. */
export function writeGradients(plan: StepPlan): GradientStep {
  const weights = [...plan.loss.weights];
  const trained = new Set(weights);
  const { graph, statistics } = trainingForm(plan.model.graph, (name) => trained.has(name), plan.isFrozen);
  const lossGraph = writeLoss({ ...plan.model, graph }, plan.loss);
  const request: DifferentiateRequest = {
    model: lossGraph.model,
    loss: lossGraph.loss,
    losses: lossGraph.losses,
    weights,
    keep: [...statistics.values()],
  };
  const result = (plan.differentiate ?? byMean(plan.blocks))(request);
  const state = [...weights, ...statistics.keys()].filter((name) => result.model.graph.initializers.has(name));
  return {
    model: { ...result.model, graph: weightsToInputs(result.model.graph, state) },
    gradients: result.gradients,
    lossOutput: result.lossOutput,
    lossGraph,
    updates: Object.fromEntries([...statistics].map(([name, value]) => [value, name])),
  };
}

/** The gradient of the mean loss. */
const byMean =
  (blocks: number | undefined) =>
  ({ model, loss, weights, keep }: DifferentiateRequest): Differentiated =>
    gradient(model, { loss: "sum", output: loss, wrt: weights, keep, blocks });

/** Gradients and update in one graph: the fast way, when nobody wants to see the gradients between. */
export function writeWholeStep(plan: StepPlan): Omit<GradientStep, "gradients"> {
  const { gradients, ...step } = writeGradients(plan);
  const b = GraphBuilder.from(step.model);
  const kept = step.model.graph.outputs.filter(({ name }) => name === step.lossOutput || Object.hasOwn(step.updates, name));
  b.clearOutputs();
  for (const { name, type } of kept) if (type?.kind === "tensor") b.output(name, type.elementType, type.dims);
  const updates = writeUpdates(b, gradients, plan);
  const model = b.model(step.model);
  return { ...step, model: { ...model, graph: removeDeadCode(model.graph) }, updates: { ...step.updates, ...updates } };
}

/** The update alone: gradients are inputs, named `grad(NAME)`. */
export function writeUpdateStep(plan: StepPlan): { readonly model: Model; readonly updates: Readonly<Record<string, string>> } {
  const b = new GraphBuilder({ name: "update", opsets: new Map([["", 18]]) });
  const gradients = new Map<string, string>();
  for (const weight of plan.loss.weights) {
    const { dims } = plan.model.graph.initializers.get(weight)!;
    b.input(weight, "float32", dims);
    gradients.set(weight, b.input(gradientInput(weight), "float32", dims));
  }
  const updates = writeUpdates(b, gradients, plan);
  return { model: b.model(), updates };
}

/** Where a changed gradient enters. */
export const gradientInput = (weight: string): string => `grad(${weight})`;

/** The forward pass alone, with per-example losses; weights and statistics are inputs. */
export function writeForward(model: Model, loss: LossPlan, state: readonly string[]): LossGraph & { readonly forward: Model } {
  const graph = writeLoss(model, loss);
  const b = GraphBuilder.from(graph.model);
  b.clearOutputs();
  b.output(graph.scores, "float32", graph.dims);
  b.output(graph.losses, "float32", [graph.dims[0] ?? null]);
  const built = b.model(graph.model);
  const live = removeDeadCode(built.graph);
  return {
    ...graph,
    forward: {
      ...built,
      graph: weightsToInputs(
        live,
        state.filter((name) => live.initializers.has(name)),
      ),
    },
  };
}
