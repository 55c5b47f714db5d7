import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createDataset, tensorColumn } from "../../data/index.ts";
import { GraphBuilder, tensorOf, toNumbers } from "../../onnx/index.ts";
import { train, trainToEnd } from "../index.node.ts";
import type { OptimizerName, Recipe } from "../index.node.ts";

type Weights = Readonly<Record<string, readonly number[]>>;

interface Case {
  readonly name: string;
  readonly settings: {
    readonly lr: number;
    readonly momentum?: number;
    readonly nesterov?: boolean;
    readonly weight_decay?: number;
    readonly betas?: readonly [number, number];
  };
  readonly more: { readonly smoothing?: number; readonly clip?: number; readonly cycle?: boolean };
  readonly loss: readonly number[];
  readonly weights: Readonly<Record<string, Weights>>;
}

/** Made by `trajectories.py` beside it, with PyTorch. */
const truth = JSON.parse(readFileSync(new URL("../../../../test/fixtures/train/trajectories.json", import.meta.url), "utf8")) as {
  readonly x: number[];
  readonly y: number[];
  readonly start: Weights;
  readonly cases: readonly Case[];
};

const dims: Readonly<Record<string, number[]>> = { "fc1.weight": [2, 8], "fc1.bias": [8], "fc2.weight": [8, 3], "fc2.bias": [3] };

function net() {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", ["N", 2]);
  const [w1, b1, w2, b2] = Object.entries(dims).map(([name, shape]) =>
    b.initializer(name, tensorOf("float32", shape, truth.start[name]!)),
  );
  const hidden = b.op("Tanh", [b.op("Add", [b.op("MatMul", [x, w1]), b1])]);
  b.output(b.op("Add", [b.op("MatMul", [hidden, w2]), b2]), "float32", ["N", 3]);
  return b.model();
}

const x = tensorColumn("x", { type: "float32", dims: [12, 2], data: new Uint8Array(Float32Array.from(truth.x).buffer) });
const y = tensorColumn("y", { type: "int64", dims: [12], data: new Uint8Array(BigInt64Array.from(truth.y.map(BigInt)).buffer) });

function recipeOf({ name, settings, more }: Case): Recipe {
  const { lr, momentum = 0, nesterov, weight_decay: weightDecay, betas } = settings;
  return {
    epochs: 50,
    batch: 12,
    optimizer: name.split(" ")[0] as OptimizerName,
    lr,
    momentum,
    ...(nesterov === undefined ? {} : { nesterov }),
    ...(weightDecay === undefined ? {} : { weightDecay }),
    ...(betas === undefined ? {} : { betas }),
    ...(more.smoothing === undefined ? {} : { labelSmoothing: more.smoothing }),
    ...(more.clip === undefined ? {} : { clipNorm: more.clip }),
    ...(more.cycle === true ? { schedule: "one-cycle" as const } : {}),
  };
}

/** Relative to the largest element: float32 rounds the small ones of a tensor by as much. */
function expectNear(actual: readonly number[], expected: readonly number[], what: string): void {
  const scale = Math.max(...expected.map(Math.abs));
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
  expect(worst / scale, what).toBeLessThan(1e-4);
}

describe("an optimiser goes where PyTorch's goes, for 50 steps", () => {
  it.each(truth.cases)("$name", async (known) => {
    const losses: number[] = [];
    const seen = new Map<string, Record<string, readonly number[]>>();
    const training = train({ model: net(), data: createDataset("twelve", [x, y], "y"), ...recipeOf(known) });
    await trainToEnd(training, (event) => {
      if (event.kind === "step") losses.push(event.loss);
      if (event.kind !== "checkpoint" || known.weights[event.checkpoint.step] === undefined) return;
      const state = Object.entries(event.checkpoint.state).filter(([name]) => name in dims);
      seen.set(String(event.checkpoint.step), Object.fromEntries(state.map(([name, tensor]) => [name, toNumbers(tensor)])));
    });
    expectNear(losses, known.loss, "losses");
    expect([...seen.keys()]).toEqual(["1", "10", "50"]);
    for (const [step, weights] of seen)
      for (const [name, values] of Object.entries(weights))
        expectNear(values, known.weights[step]![name]!, `${name} after ${step}`);
  });
});
