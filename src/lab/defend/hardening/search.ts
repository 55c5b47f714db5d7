/** Looks for the worst examples of a batch with the weights of the moment. */
import { randomPoint } from "../../attack/index.ts";
import { makeTensor, tensorOf, toFloat } from "../../../model/onnx/index.ts";
import type { Tensor } from "../../../model/onnx/index.ts";
import type { ResidentModel } from "../../../model/runtime/index.ts";
import type { StepContext, TrainBatch } from "../../../model/train/index.ts";
import type { Classifier, HardenThreat } from "./define.ts";
import { innerNames, writeInner } from "./inner.ts";
import type { InnerPlan } from "./inner.ts";

/** How far and how often. */
export interface SearchSettings {
  readonly epsilon: number;
  readonly steps: number;
  /** Length of a step. */
  readonly stepSize: number;
}

/** Gives the examples found; the batch stays as it is. */
export type Search = (batch: TrainBatch, context: StepContext, settings: SearchSettings) => Promise<Tensor>;

/** A search whose graph is opened once, over the weights of the training that first asks. */
export function createSearch(classifier: Classifier, threat: HardenThreat, loss: InnerPlan["loss"]): Search {
  const attack = writeInner({ ...classifier, ...threat, loss });
  let opened: Promise<ResidentModel> | undefined;
  return async (batch, context, { epsilon, steps, stepSize }) => {
    opened ??= context.open(attack.model);
    const model = await opened;
    const origin = batch.inputs[classifier.input]!;
    const start = startOf(origin, threat, epsilon, context);
    if (epsilon <= 0) return origin;
    const found = await model.run({
      [innerNames.origin]: origin,
      [innerNames.start]: start,
      [innerNames.steps]: tensorOf("int64", [], [steps]),
      [innerNames.step]: tensorOf("float32", [], [stepSize]),
      [innerNames.epsilon]: tensorOf("float32", [], [epsilon]),
      ...(attack.labels === undefined ? {} : { [attack.labels]: batch.labels }),
    });
    return found[innerNames.found]!;
  };
}

/** A random point of the ball around each example: steps that begin at the example itself are easily led astray (Madry et al. 2018, section 5). */
export function startOf(origin: Tensor, threat: HardenThreat, epsilon: number, { rng }: StepContext): Tensor {
  const values = toFloat(origin);
  const start = new Float32Array(values.length);
  const { norm, low, high } = threat;
  if (norm === "linf") {
    // The general way costs as much as the step itself, for digits: here a number takes 32 random bits and no array of its own.
    const scale = epsilon * 2 ** -31;
    for (let i = 0; i < start.length; i++) {
      const value = values[i]! - epsilon + scale * rng.uint32();
      start[i] = value < low ? low : value > high ? high : value;
    }
    return ofFloats(origin.dims, start);
  }
  const rows = origin.dims[0] ?? 1;
  const rowSize = values.length / rows;
  const room = { norm, rowSize, low: new Float32Array(rowSize).fill(low), high: new Float32Array(rowSize).fill(high) };
  for (let row = 0; row < rows; row++)
    start.set(randomPoint(room, values, { origin: row * rowSize, epsilon }, rng), row * rowSize);
  return ofFloats(origin.dims, start);
}

const ofFloats = (dims: readonly number[], values: Float32Array): Tensor =>
  makeTensor("float32", dims, new Uint8Array(values.buffer));
