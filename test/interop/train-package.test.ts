/** Trained files in PyPI `onnx` and `onnxruntime`: they pass its full check, load, and answer as they do here. Needs Python 3 and the network. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createModelFile, trainModel } from "../../src/app/api/train/index.ts";
import { writeNpy } from "../../src/model/data/index.ts";
import { readModel, tensorOf, toFloat } from "../../src/model/onnx/index.ts";
import type { Tensor } from "../../src/model/onnx/index.ts";
import { load } from "../helpers/ort.ts";
import { pythonWith } from "../helpers/python.ts";
import { normals } from "../helpers/train-sets.ts";

const script = `
import json, sys
import numpy as np, onnx, onnxruntime
folder = sys.argv[1]
out = {}
for name in sys.argv[2:]:
    model = onnx.load(f"{folder}/{name}.onnx")
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(f"{folder}/{name}.onnx", providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    scores = session.run(None, {given.name: np.load(f"{folder}/{name}.x.npy")})[0]
    record = json.loads(session.get_modelmeta().custom_metadata_map["modelkeep.training"])
    out[name] = {"scores": scores.flatten().tolist(), "epochs": record["epochs"], "version": record["version"]}
print(json.dumps(out))
`;

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly input: readonly number[];
  readonly vocabulary?: number;
  readonly replace?: readonly string[];
}

const cases: readonly Case[] = [
  { name: "cnn", kind: "cnn", input: [1, 12, 12] },
  { name: "mlp", kind: "mlp", input: [6] },
  { name: "resnet8", kind: "resnet8", input: [3, 16, 16] },
  { name: "resnet8-group", kind: "resnet8", input: [3, 16, 16], replace: ["batch-norm=group-norm"] },
  { name: "vit", kind: "transformer", input: [1, 14, 14] },
  { name: "text", kind: "transformer", input: [10], vocabulary: 40 },
];

interface Answer {
  readonly scores: readonly number[];
  readonly epochs: number;
  readonly version: number;
}

let folder = "";
let answers: Readonly<Record<string, Answer>> = {};

const rows = 24;
function examples({ input, vocabulary }: Case): Tensor {
  const count = input.reduce((a, b) => a * b, rows);
  const values = normals(count, 3);
  return vocabulary === undefined
    ? tensorOf("float32", [rows, ...input], values)
    : tensorOf(
        "int64",
        [rows, ...input],
        Array.from(values, (_, i) => (i * i * 7) % vocabulary),
      );
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "modelkeep-trained-"));
  mkdirSync(join(folder, "runs"));
  writeFileSync(join(folder, "y.npy"), writeNpy({ type: "int64", dims: [rows], data: labels() }));
  for (const one of cases) {
    const { name, kind, input, vocabulary, replace } = one;
    const [arch, x] = [join(folder, `${name}.arch.onnx`), join(folder, `${name}.x.npy`)];
    await createModelFile({ kind, input, classes: 3, seed: 1, out: arch, vocabulary });
    writeFileSync(x, writeNpy(examples(one) as never));
    await trainModel(
      {
        model: arch,
        data: `${x},${join(folder, "y.npy")}`,
        out: join(folder, `${name}.onnx`),
        replace,
        recipe: { epochs: 2, batch: 8, ema: 0.9 },
      },
      { runs: join(folder, "runs") },
    );
  }
  const python = pythonWith(["onnx==1.23.2", "onnxruntime==1.30.0"]);
  const told = execFileSync(python, ["-c", script, folder, ...cases.map(({ name }) => name)], { encoding: "utf8" });
  answers = JSON.parse(told) as typeof answers;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const labels = (): Uint8Array => new Uint8Array(BigInt64Array.from({ length: rows }, (_, i) => BigInt(i % 3)).buffer);

describe("a trained file", () => {
  it.for(cases)("of $name passes onnx's full check, and onnxruntime answers as we do", async (one) => {
    const model = readModel(new Uint8Array(readFileSync(join(folder, `${one.name}.onnx`))));
    const session = await load(model);
    const outputs = await session.run({ [model.graph.inputs[0]!.name]: examples(one) });
    await session.close();
    const ours = toFloat(outputs[model.graph.outputs[0]!.name]!);
    const { scores, epochs, version } = answers[one.name]!;
    expect({ epochs, version }).toEqual({ epochs: 2, version: 1 });
    expect(scores).toHaveLength(rows * 3);
    for (const [i, score] of scores.entries())
      expect(Math.abs(score - ours[i]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(score)));
  });
});
