/** The models of a training, loaded where its state is. */
import { writeModel } from "../onnx/index.ts";
import type { Model } from "../onnx/index.ts";
import { blockSizeOf, inBlocks } from "../runtime/index.ts";
import type { Resident, ResidentModel, Wiring } from "../runtime/index.ts";
import { writeForward, writeGradients, writeWholeStep } from "./step-graph.ts";
import type { StepPlan } from "./step-graph.ts";
import { averageName } from "./update-graph.ts";

/** A step that is ready to run, and the names by which to run it. */
export interface Compiled {
  readonly model: ResidentModel;
  readonly labels: string;
  readonly exampleWeights: string | undefined;
  readonly extra: readonly string[];
  readonly loss: string;
  readonly scores: string;
  readonly losses: string;
  readonly gradients: ReadonlyMap<string, string>;
}

/** A place for models whose weights are state: the optimiser of a session, which knows constant weights alone, needs help there. */
export interface Engine {
  blocks(): Promise<number>;
  load(model: Model, wiring?: Wiring): Promise<ResidentModel>;
}

/** An engine over a place; what it can do is asked once. */
export function engineOf(place: Resident): Engine {
  let size: Promise<number> | undefined;
  const blocks = (): Promise<number> => (size ??= blockSizeOf(place));
  return {
    blocks,
    load: async (model, wiring) => place.load(writeModel(inBlocks(model, await blocks())), wiring),
  };
}

/** Loads a step: whole, or its gradients alone for someone who wants to see them. */
export async function compileStep(engine: Engine, plan: StepPlan, apart: boolean): Promise<Compiled> {
  const step = apart ? writeGradients(plan) : { ...writeWholeStep(plan), gradients: new Map<string, string>() };
  const model = await engine.load(step.model, { updates: step.updates });
  const { labels, exampleWeights, extra, scores, losses } = step.lossGraph;
  return { model, labels, exampleWeights, extra, scores, losses, loss: step.lossOutput, gradients: step.gradients };
}

/** Loads a forward pass with the losses of single examples. */
export async function compileForward(engine: Engine, plan: StepPlan, kept: readonly string[]) {
  const { forward, ...rest } = writeForward(
    plan.model,
    { ...plan.loss, term: undefined, weighed: false, classWeights: undefined },
    kept,
  );
  // Averages are what is kept, so they are what is looked at.
  const averaged = plan.ema === undefined ? [] : plan.loss.weights;
  const feeds = Object.fromEntries(averaged.map((name) => [name, averageName(name)]));
  return { ...rest, model: await engine.load(forward, { feeds }) };
}
