import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemoryDisk } from "../../../../test/helpers/memory-disk.ts";
import { clouds } from "../../../../test/helpers/train-sets.ts";
import { readModel, toFloat } from "../../../model/onnx/index.ts";
import type { Checkpoint } from "../../../model/train/index.node.ts";
import { checkRequired, createModelFile, evaluateModel, resumeTraining, trainModel } from "./index.ts";
import { runAt } from "./run-folder.ts";

let dir = "";
const at = (name: string): string => join(dir, name);

function table(rows: number, seed: number, label: (i: number) => string): string {
  const { tensors } = clouds(rows, seed).take(Uint32Array.from({ length: rows }, (_, i) => i));
  const x = toFloat(tensors["x"]!);
  return ["a,b,label", ...Array.from({ length: rows }, (_, i) => `${x[2 * i]},${x[2 * i + 1]},${label(i)}`)].join("\n");
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "modelkeep-train-"));
  await writeFile(
    at("train.csv"),
    table(240, 1, (i) => ["red", "green", "blue"][i % 3]!),
  );
  await writeFile(
    at("test.csv"),
    table(60, 2, (i) => ["red", "green", "blue"][i % 3]!),
  );
  await writeFile(
    at("numbers.csv"),
    [
      "a,b,label",
      ...Array.from({ length: 200 }, (_, i) => `${Math.sin(i)},${Math.cos(i * i)},${2 * Math.sin(i) - Math.cos(i * i)}`),
    ].join("\n"),
  );
  await createModelFile({ kind: "mlp", input: [2], classes: 3, seed: 1, out: at("net.onnx") });
  await createModelFile({ kind: "mlp", input: [2], classes: 1, seed: 1, out: at("line.onnx") });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const recipe = { epochs: 8, batch: 16, lr: 5e-3, seed: 1 };

describe("training a file", () => {
  it("leaves a model with its record, a run that tells of itself, and a model that knows its classes by name", async () => {
    const report = await trainModel(
      { model: at("net.onnx"), data: at("train.csv"), target: "label", out: at("trained.onnx"), validation: 0.1, recipe },
      { runs: at("runs") },
    );
    expect(report).toMatchObject({ stopped: "epochs", out: at("trained.onnx"), data: { n: 216 }, validation: { n: 24 } });
    expect(report.best!.validation!["accuracy"]).toBeGreaterThan(0.9);
    expect(report.dataShare).toBeLessThan(1);
    expect((await readdir(report.run)).sort()).toEqual(["checkpoint.npz", "curves.svg", "manifest.json", "result.json"]);
    expect(await readFile(join(report.run, "curves.svg"), "utf8")).toMatch(/^<svg/);
    const record = JSON.parse(
      readModel(new Uint8Array(await readFile(at("trained.onnx")))).metadata.get("modelkeep.training")!,
    ) as Record<string, unknown>;
    expect(record).toMatchObject({
      version: 1,
      data: report.data,
      recipe: { seed: 1, optimizer: "adamw" },
      bestEpoch: report.best!.epoch,
    });

    const evaluated = await evaluateModel({ model: at("trained.onnx"), data: at("test.csv"), target: "label" });
    expect(evaluated).toMatchObject({ n: 60, lossName: "cross-entropy" });
    expect(evaluated["accuracy"]).toBeGreaterThan(0.9);
    expect(evaluated.perClass.map((row) => row.class).sort()).toEqual(["blue", "green", "red"]);
    expect(checkRequired("accuracy >= 90%", evaluated)).toMatchObject({ met: true });
    expect(checkRequired("loss < 1e-9", evaluated)).toMatchObject({ met: false });
    expect(() => checkRequired("accurcy > 0", evaluated)).toThrow(
      expect.objectContaining({ code: "api/bad-input", hint: "did you mean `accuracy`?" }) as Error,
    );
    // A run that is over gives the same file once more.
    const before = await readFile(at("trained.onnx"));
    await resumeTraining(report.run);
    expect(before.equals(await readFile(at("trained.onnx")))).toBe(true);
  });

  it("learns numbers", async () => {
    await trainModel(
      {
        model: at("line.onnx"),
        data: at("numbers.csv"),
        target: "label",
        task: "regression",
        out: at("line-trained.onnx"),
        recipe: { ...recipe, epochs: 20 },
      },
      { runs: at("runs") },
    );
    const figures = await evaluateModel({
      model: at("line-trained.onnx"),
      data: at("numbers.csv"),
      target: "label",
      task: "regression",
    });
    expect(figures.lossName).toBe("mse");
    expect(figures["r2"]).toBeGreaterThan(0.95);
  });

  it("refuses to go on with another model, or other data, than it began with", async () => {
    await createModelFile({ kind: "mlp", input: [2], classes: 3, seed: 5, out: at("mine.onnx") });
    await writeFile(at("mine.csv"), await readFile(at("train.csv")));
    const request = { model: at("mine.onnx"), data: at("mine.csv"), target: "label", out: at("deep/er/mine.onnx"), recipe };
    const { run } = await trainModel(request, { runs: at("runs") });
    await writeFile(at("mine.csv"), (await readFile(at("train.csv"), "utf8")).replace("red", "blue"));
    await expect(resumeTraining(run)).rejects.toMatchObject({
      code: "train/bad-checkpoint",
      message: expect.stringContaining("mine.csv") as string,
    });
    await createModelFile({ kind: "mlp", input: [2], classes: 3, seed: 6, out: at("mine.onnx") });
    await expect(resumeTraining(run)).rejects.toMatchObject({
      code: "train/bad-checkpoint",
      message: expect.stringContaining("mine.onnx") as string,
    });
  });

  it("says before it learns that the trained file has no place", async () => {
    const out = at("train.csv/trained.onnx");
    const request = { model: at("net.onnx"), data: at("train.csv"), target: "label", out, recipe };
    await expect(trainModel(request, { runs: at("runs") })).rejects.toMatchObject({ code: "api/bad-input" });
  });

  it("names what is not there, and leaves no run behind", async () => {
    const runsBefore = (await readdir(at("runs"))).length;
    const wrong = trainModel(
      { model: at("net.onnx"), data: at("train.csv"), target: "lable", out: at("x.onnx"), recipe },
      { runs: at("runs") },
    );
    await expect(wrong).rejects.toMatchObject({ code: "data/unknown-name", hint: expect.stringContaining("label") as string });
    const unlabelled = trainModel(
      { model: at("net.onnx"), data: at("train.csv"), out: at("x.onnx"), recipe },
      { runs: at("runs") },
    );
    await expect(unlabelled).rejects.toMatchObject({
      code: "train/bad-data",
      message: expect.stringContaining("no labels") as string,
    });
    const empty = trainModel(
      { model: at("net.onnx"), data: at("train.csv"), target: "label", validation: 0.0001, out: at("x.onnx"), recipe },
      { runs: at("runs") },
    );
    await expect(empty).rejects.toMatchObject({
      code: "api/bad-data",
      message: expect.stringContaining("leaves one side empty") as string,
    });
    expect((await readdir(at("runs"))).length).toBe(runsBefore);
    await expect(resumeTraining(at("nowhere"))).rejects.toMatchObject({ code: "train/bad-run" });
  });
});

describe("a disk that fills during a checkpoint", () => {
  it("leaves the last one whole, and the error says how to go on", async () => {
    const disk = createMemoryDisk();
    const run = runAt("runs/a", disk);
    const checkpoint = (step: number, size: number): Checkpoint => ({
      fingerprint: "sha256:0",
      epoch: 0,
      step,
      stepOfEpoch: step,
      lossSum: 1,
      history: [],
      bestScore: undefined,
      sinceBest: 0,
      trend: undefined,
      state: { w: { type: "float32", dims: [size], data: new Uint8Array(4 * size).fill(step) } },
    });
    await run.saveCheckpoint(checkpoint(1, 100));
    disk.setCapacity(disk.usedBytes + 500);
    await expect(run.saveCheckpoint(checkpoint(2, 1000))).rejects.toMatchObject({
      code: "train/disk",
      message: expect.stringContaining("ENOSPC") as string,
      hint: expect.stringContaining("--resume runs/a") as string,
    });
    expect((await run.checkpoint())!.step).toBe(1);
    disk.setCapacity(Infinity);
    await run.saveCheckpoint(checkpoint(3, 1000));
    expect((await run.checkpoint())!.state["w"]!.data[5]).toBe(3);
  });
});
