import { describe, expect, it } from "vitest";
import { clouds, smallNet } from "../../../test/helpers/train-sets.ts";
import { gradient } from "../autodiff/index.ts";
import { toFloat } from "../onnx/index.ts";
import { train, trainToEnd } from "./index.node.ts";
import type { Checkpoint, StepContext, TrainBatch, TrainOptions, TrainResult } from "./index.node.ts";

const base: TrainOptions = {
  model: smallNet(),
  data: clouds(150),
  validation: clouds(60, 2),
  epochs: 4,
  batch: 16,
  lr: 0.02,
  seed: 5,
};
const run = (options: Partial<TrainOptions> = {}): Promise<TrainResult> => trainToEnd(train({ ...base, ...options }));
const bytes = ({ weights }: TrainResult) =>
  Object.fromEntries(Object.entries(weights).map(([name, { data }]) => [name, Buffer.from(data).toString("hex")]));

describe("training", () => {
  it("learns what can be learnt, and keeps the best epoch", async () => {
    const result = await run();
    expect(result.history.map(({ step }) => step)).toEqual([10, 20, 30, 40]);
    expect(result.history.at(-1)!.loss).toBeLessThan(0.5 * result.history[0]!.loss);
    expect(result.history[result.bestEpoch!]!.validation!["accuracy"]).toBeGreaterThan(0.9);
    expect(result.stopped).toBe("epochs");
    expect([...result.model.graph.initializers.keys()]).toEqual([...base.model.graph.initializers.keys()]);
    expect(result.model.graph.initializers.get("fc1.weight")).toBe(result.weights["fc1.weight"]);
  });

  it("gives the same bytes for the same seed, others for another", async () => {
    const [first, again, other] = [await run(), await run(), await run({ seed: 6 })];
    expect(bytes(again)).toEqual(bytes(first));
    expect(bytes(other)).not.toEqual(bytes(first));
  });

  it.each([
    ["adamw", {}],
    ["sgd with an average and a clipped norm", { optimizer: "sgd", momentum: 0.9, ema: 0.9, clipNorm: 1 }],
  ] as const)("goes on from any checkpoint to the same bytes, with %s", async (_, recipe) => {
    const checkpoints: Checkpoint[] = [];
    const whole = await trainToEnd(train({ ...base, ...recipe, epochs: 2, checkpointWhen: () => true }), (event) => {
      if (event.kind === "checkpoint") checkpoints.push(event.checkpoint);
    });
    expect(checkpoints.length).toBeGreaterThanOrEqual(20);
    for (const at of [0, 6, 10, 17]) {
      const resumed = await run({ ...recipe, epochs: 2, checkpointWhen: () => true, resume: checkpoints[at]! });
      expect(bytes(resumed)).toEqual(bytes(whole));
      expect(resumed.history).toEqual(whole.history);
    }
  });

  it("is closed when whoever listens fails", async () => {
    const training = train({ ...base, epochs: 1 });
    const failing = trainToEnd(training, ({ kind }) => {
      if (kind === "step") throw new Error("no room");
    });
    await expect(failing).rejects.toThrow("no room");
    expect(await training.next()).toEqual({ done: true, value: undefined });
  });

  it("refuses a checkpoint of another recipe", async () => {
    let checkpoint: Checkpoint | undefined;
    await trainToEnd(train({ ...base, epochs: 1 }), (event) => {
      if (event.kind === "checkpoint") ({ checkpoint } = event);
    });
    await expect(run({ epochs: 2, resume: checkpoint! })).rejects.toMatchObject({ code: "train/bad-checkpoint" });
  });
});

describe("hooks", () => {
  it("see every step, with current weights in reach of a graph of their own", async () => {
    const losses: number[] = [];
    const attack = gradient(base.model, { loss: "cross-entropy", wrt: ["x"] });
    let opened: Awaited<ReturnType<StepContext["open"]>> | undefined;
    const perturb = async (batch: TrainBatch, context: StepContext): Promise<TrainBatch> => {
      opened ??= await context.open(attack.model);
      const outputs = await opened.run({ ...batch.inputs, [attack.labels!.name]: batch.labels });
      losses.push(toFloat(outputs[attack.lossOutput]!)[0]!);
      return batch;
    };
    const told: number[] = [];
    await trainToEnd(train({ ...base, epochs: 2, hooks: { perturb } }), (event) => {
      if (event.kind === "step") told.push(event.loss);
    });
    expect(losses).toHaveLength(20);
    // The loss that the attack's graph sees is the loss of the step it stands before: the same weights, not those of the file.
    for (const [i, loss] of losses.entries()) expect(loss).toBeCloseTo(told[i]!, 5);
  });

  it("take gradients apart from the update without changing what is learnt", async () => {
    const whole = await run({ epochs: 1 });
    const seen = new Set<string>();
    const apart = await run({
      epochs: 1,
      hooks: {
        update(gradients) {
          for (const name of Object.keys(gradients)) seen.add(name);
          return gradients;
        },
      },
    });
    expect([...seen]).toEqual(["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
    for (const [name, tensor] of Object.entries(whole.weights)) {
      const other = toFloat(apart.weights[name]!);
      for (const [i, value] of toFloat(tensor).entries()) expect(other[i]).toBeCloseTo(value, 5);
    }
  });

  it("make masked weights stay, and examples without weight not count", async () => {
    const masked = await run({
      epochs: 1,
      weightDecay: 0,
      hooks: { update: (gradients) => ({ ...gradients, "fc2.bias": new Float32Array(3) }) },
    });
    expect([...toFloat(masked.weights["fc2.bias"]!)]).toEqual([0, 0, 0]);
    const idle = await run({ epochs: 1, weightDecay: 0, hooks: { weigh: ({ size }) => new Float32Array(size) } });
    for (const [name, tensor] of Object.entries(idle.weights))
      expect([...toFloat(tensor)], name).toEqual([...toFloat(base.model.graph.initializers.get(name)!)]);
  });

  it("add a term to the loss: the model again on other inputs, tied to the first", async () => {
    const extra = (batch: TrainBatch): TrainBatch => ({ ...batch, extra: { near: batch.inputs["x"]! } });
    const told: number[] = [];
    await trainToEnd(
      train({
        ...base,
        epochs: 1,
        hooks: {
          perturb: extra,
          term({ b, batch, output, extra: add, apply, lossOf }) {
            const other = apply({ x: add("near", "float32", [batch, 2]) });
            // The same points: their own loss once more, and no distance.
            const distance = b.op("ReduceSumSquare", [b.op("Sub", [other, output])], { keepdims: 0 });
            return b.op("Add", [distance, b.op("ReduceMean", [lossOf(other)], { keepdims: 0 })]);
          },
        },
      }),
      (event) => {
        if (event.kind === "step") told.push(event.loss);
      },
    );
    const plain: number[] = [];
    await trainToEnd(train({ ...base, epochs: 1 }), (event) => {
      if (event.kind === "step") plain.push(event.loss);
    });
    expect(told[0]).toBeCloseTo(2 * plain[0]!, 4);
  });
});
