import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { clouds, smallNet } from "../../../test/helpers/train-sets.ts";
import { createDataset, tensorColumn } from "../data/index.ts";
import { GraphBuilder, tensorOf } from "../onnx/index.ts";
import { evaluate, initialise, newModel, readCheckpoint, train, trainToEnd, writeCheckpoint } from "./index.node.ts";
import type { Checkpoint, Gradients, TrainOptions } from "./index.node.ts";

const base: TrainOptions = { model: smallNet(), data: clouds(30), epochs: 1, batch: 10 };
const run = (options: Partial<TrainOptions>) => trainToEnd(train({ ...base, ...options }));

function labelled(labels: readonly number[], type: "int64" | "float32" = "int64") {
  const x = tensorOf("float32", [labels.length, 2], new Float32Array(labels.length * 2));
  return createDataset(
    "some",
    [tensorColumn("x", x as never), tensorColumn("y", tensorOf(type, [labels.length], labels) as never)],
    "y",
  );
}

describe("training says what is wrong with", () => {
  it.each<[string, Partial<TrainOptions>, string, RegExp]>([
    [
      "data without labels",
      { data: createDataset("bare", [tensorColumn("x", tensorOf("float32", [2, 2], [1, 2, 3, 4]) as never)]) },
      "train/bad-data",
      /no labels/,
    ],
    [
      "a label that is no class",
      { data: labelled([0, 1, 7]) },
      "train/bad-data",
      /example 2 has label 7, the model has classes 0 … 2/,
    ],
    [
      "a missing label",
      { data: labelled([0, Number.NaN, 1], "float32"), loss: "cross-entropy" },
      "train/bad-data",
      /example 1 has no label/,
    ],
    [
      "a class that only validation has",
      { data: labelled([0, 1, 0, 1]), validation: labelled([0, 2]) },
      "train/bad-data",
      /class `2` is in validation/,
    ],
    ["no examples", { data: labelled([]) }, "train/bad-data", /no examples to learn from/],
    ["no examples to validate with", { validation: labelled([]) }, "train/bad-data", /no examples to validate with/],
    ["a field that is not there", { inputs: { x: "z" } }, "train/bad-data", /no field `z`/],
    [
      "examples of another shape",
      { model: newModel("mlp", { input: [3], classes: 3 }) },
      "train/bad-data",
      /examples of \[2\], input `input` takes \[3\]/,
    ],
    ["an unknown loss", { loss: "crossentropy" as never }, "train/bad-option", /no loss `crossentropy`/],
    ["an unknown optimiser", { optimizer: "adamm" as never }, "train/bad-option", /no optimizer `adamm`/],
    ["an unknown schedule", { schedule: "cosin" as never }, "train/bad-option", /no schedule `cosin`/],
    ["a learning rate of 0", { lr: 0 }, "train/bad-option", /lr is 0/],
    ["half an epoch", { epochs: 0.5 }, "train/bad-option", /epochs is 0.5/],
    ["an unknown output", { output: "logit" }, "train/bad-option", /no output `logit`/],
    ["a model that is all frozen", { freeze: ["*"] }, "train/nothing-to-train", /every weight of the model is frozen/],
  ])("%s", async (_, options, code, message) => {
    await expect(run(options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
      hint: expect.any(String) as string,
    });
  });

  it("a model that takes one batch size, and not this one", async () => {
    const b = new GraphBuilder();
    const x = b.input("x", "float32", [4, 2]);
    b.output(b.op("MatMul", [x, b.initializer("w", tensorOf("float32", [2, 3], [1, 2, 3, 4, 5, 6]))]), "float32", [4, 3]);
    await expect(run({ model: b.model() })).rejects.toMatchObject({ code: "train/fixed-batch" });
  });

  it.each<[string, (gradients: Gradients) => Gradients]>([
    ["is no longer a number", (gradients) => ({ ...gradients, "fc1.bias": new Float32Array(8).fill(Number.NaN) })],
    [
      "grows without bound and never becomes NaN",
      (gradients) =>
        Object.fromEntries(Object.entries(gradients).map(([name, values]) => [name, values.map((value) => -200 * value)])),
    ],
  ])("a loss that %s: it stops and keeps the best epoch", async (_, spoil) => {
    const learning = { optimizer: "sgd", lr: 0.1, validation: clouds(30, 3) } as const;
    const good = await run({ ...learning, epochs: 1 });
    let step = 0;
    const losses: number[] = [];
    const bad = await trainToEnd(
      train({
        ...base,
        ...learning,
        epochs: 100,
        hooks: { update: (gradients) => (++step > 3 ? spoil(gradients) : gradients) },
      }),
      (event) => {
        if (event.kind === "step") losses.push(event.loss);
      },
    );
    expect(bad.stopped).toBe("diverged");
    expect(bad.bestEpoch).toBe(0);
    expect(bad.steps).toBeLessThan(60);
    expect(losses.every(Number.isFinite)).toBe(true);
    const values = Object.values(bad.weights).flatMap(({ data }) => [...new Float32Array(data.slice().buffer)]);
    expect(values.every(Number.isFinite)).toBe(true);
    for (const [name, { data }] of Object.entries(bad.weights)) {
      const [own, other] = [data, good.weights[name]!.data].map((bytes) => new Float32Array(bytes.slice().buffer));
      for (const [i, value] of own!.entries()) expect(value).toBeCloseTo(other![i]!, 5);
    }
  });

  it("no loss that was small and is a little less small: a good model may be trained on", async () => {
    const long = await run({ epochs: 12, lr: 0.02 });
    const on = await run({ model: long.model, epochs: 3, optimizer: "sgd", lr: 0.5 });
    expect(on.stopped).toBe("epochs");
  });

  it("examples to evaluate with that are not there", async () => {
    await expect(evaluate({ model: smallNet(), data: labelled([]) })).rejects.toMatchObject({ code: "train/bad-data" });
  });
});

describe("a checkpoint in a file", () => {
  it("comes back as it was, and a damaged one is refused wherever it is damaged", async () => {
    let last: Checkpoint | undefined;
    await trainToEnd(train({ ...base, validation: clouds(30, 2) }), (event) => {
      if (event.kind === "checkpoint") last = event.checkpoint;
    });
    const folder = await mkdtemp(join(tmpdir(), "modelkeep-checkpoint-"));
    const file = join(folder, "checkpoint.npz");
    await writeFile(file, await writeCheckpoint(last!));
    const bytes = new Uint8Array(await readFile(file));
    const back = await readCheckpoint(bytes, file);
    expect({ ...back, state: Object.keys(back.state) }).toEqual({ ...last, state: Object.keys(last!.state) });
    for (const [name, { data }] of Object.entries(last!.state)) expect(Buffer.compare(data, back.state[name]!.data)).toBe(0);
    for (let at = 40; at < bytes.length; at += 997) {
      const damaged = bytes.slice(0, at);
      await expect(readCheckpoint(damaged, file)).rejects.toMatchObject({ code: "train/bad-checkpoint" });
    }
  });
});

describe("a new model", () => {
  it.each([
    ["cnn", [1, 28, 28], undefined],
    ["cnn", [3, 32, 32], undefined],
    ["mlp", [7], undefined],
    ["mlp", [1, 8, 8], undefined],
    ["resnet8", [1, 28, 28], undefined],
    ["transformer", [1, 28, 28], undefined],
    ["transformer", [20, 8], undefined],
    ["transformer", [12], 50],
  ] as const)("%s of %j learns by heart what it is shown", async (kind, input, vocabulary) => {
    const size = input.reduce((a: number, b: number) => a * b, 1);
    const rows = 12;
    const values = Array.from({ length: rows * size }, (_, i) =>
      vocabulary === undefined ? Math.sin(i * i) : (i * i * 7) % vocabulary,
    );
    const x = tensorOf(vocabulary === undefined ? "float32" : "int64", [rows, ...input], values);
    const y = tensorOf(
      "int64",
      [rows],
      Array.from({ length: rows }, (_, i) => i % 3),
    );
    const model = newModel(kind, { input, classes: 3, seed: 1, ...(vocabulary === undefined ? {} : { vocabulary }) });
    const data = createDataset("few", [tensorColumn("input", x as never), tensorColumn("y", y as never)], "y");
    const result = await trainToEnd(train({ model, data, epochs: kind === "resnet8" ? 8 : 20, batch: 12, lr: 5e-3 }));
    expect(result.history.at(-1)!.loss).toBeLessThan(0.7 * result.history[0]!.loss);
  });

  it("has the same weights for the same seed, and `initialise` gives them back", () => {
    const options = { input: [1, 28, 28], classes: 10 };
    const bytesOf = (model: ReturnType<typeof newModel>) =>
      [...model.graph.initializers.values()].map(({ data }) => Buffer.from(data).toString("base64"));
    const [one, again, other] = [
      newModel("resnet8", { ...options, seed: 1 }),
      newModel("resnet8", { ...options, seed: 1 }),
      newModel("resnet8", { ...options, seed: 2 }),
    ];
    expect(bytesOf(again)).toEqual(bytesOf(one));
    expect(bytesOf(other)).not.toEqual(bytesOf(one));
    expect(bytesOf(initialise(other, { seed: 1 }))).toEqual(bytesOf(one));
    const partly = initialise(other, { seed: 1, only: ["fc.*"] });
    expect(partly.graph.initializers.get("conv1.weight")).toBe(other.graph.initializers.get("conv1.weight"));
    expect(partly.graph.initializers.get("fc.weight")).toEqual(one.graph.initializers.get("fc.weight"));
  });

  it("refuses a kind that is not there, and shapes that do not fit it", () => {
    expect(() => newModel("cnnn", { input: [1, 28, 28], classes: 10 })).toThrow(
      expect.objectContaining({ code: "registry/unknown", hint: "did you mean `cnn`?" }) as Error,
    );
    expect(() => newModel("cnn", { input: [30], classes: 10 })).toThrow(
      expect.objectContaining({ code: "train/bad-option" }) as Error,
    );
  });
});
