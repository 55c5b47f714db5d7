import { describe, expect, it } from "vitest";
import { clouds, normals, smallNet } from "../../../../test/helpers/train-sets.ts";
import { createDataset, tensorColumn } from "../../../model/data/index.ts";
import type { IndexedDataset } from "../../../model/data/index.ts";
import { GraphBuilder, tensorOf, toFloat, toNumbers, writeModel } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { openResident } from "../../../model/runtime/index.node.ts";
import { train, trainToEnd } from "../../../model/train/index.node.ts";
import type { Checkpoint, TrainEvent, TrainHooks, TrainResult } from "../../../model/train/index.node.ts";
import { logitsOf, openTarget } from "../../attack/index.node.ts";
import { harden, hardenings, quickCheck } from "../index.node.ts";
import type { Hardening, HardenThreat } from "../index.node.ts";
import { paramsOf } from "./harden.ts";
import { innerNames, writeInner } from "./inner.ts";

const data = clouds(120);
const threat = { norm: "linf", epsilon: 0.4, low: -4, high: 4 } as const;
const base = { model: smallNet(), data, epochs: 3, batch: 16, lr: 0.02, seed: 3 };
const bytes = ({ weights }: TrainResult) => Object.values(weights).map(({ data: raw }) => Buffer.from(raw).toString("hex"));
const learn = (method: Hardening, more: object = {}, tell?: (event: TrainEvent) => void): Promise<TrainResult> =>
  trainToEnd(harden({ ...base, method, threat, ...more }), tell);

describe.each(hardenings.all.map((method) => [method.id, method] as const))("%s", (_, method) => {
  it("learns with finite losses, the same bytes for the same seed", async () => {
    const first = await learn(method);
    expect(first.stopped).toBe("epochs");
    expect(first.history.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    expect(bytes(await learn(method))).toEqual(bytes(first));
    expect(bytes(await learn(method, { seed: 4 }))).not.toEqual(bytes(first));
  });

  it("goes on from a checkpoint to the same bytes", async () => {
    const checkpoints: Checkpoint[] = [];
    const whole = await learn(method, { checkpointWhen: () => true }, (event) => {
      if (event.kind === "checkpoint") checkpoints.push(event.checkpoint);
    });
    expect(bytes(await learn(method, { checkpointWhen: () => true, resume: checkpoints[9]! }))).toEqual(bytes(whole));
  });

  it.each(method.norms)("takes examples in %s", async (norm) => {
    const result = await learn(method, { threat: { ...threat, norm }, epochs: 1 });
    expect(Number.isFinite(result.history[0]!.loss)).toBe(true);
  });

  it("says which settings it takes when it is given another", () => {
    expect(() => harden({ ...base, method, threat, params: { stepz: 3 } })).toThrow(
      expect.objectContaining({ code: "defend/bad-option", exit: 4 }) as Error,
    );
  });
});

it("refuses a model of a single score in words, before it trains", () => {
  const b = new GraphBuilder();
  b.output(b.op("MatMul", [b.input("x", "float32", ["N", 2]), b.initializer("w", tensorOf("float32", [2, 1], [1, -1]))]));
  expect(() => harden({ ...base, model: b.model(), method: hardenings.get("pgd"), threat })).toThrow(
    "the model gives a single score",
  );
});

describe("the search inside a step", () => {
  const { tensors } = data.take(Uint32Array.from({ length: 40 }, (_, i) => i));
  const x = tensors["x"]!;
  const plan = { model: smallNet(), input: "x", logits: "logits", classes: 3, rowDims: [2] } as const;

  it.each([
    ["linf", "cross-entropy"],
    ["l2", "cross-entropy"],
    ["linf", "kl"],
    ["l2", "kl"],
  ] as const)("stays in the %s ball and between the bounds, and raises the %s", async (norm, loss) => {
    const [epsilon, low, high] = [0.7, -1.5, 1.2];
    const cut = toFloat(x).map((value) => Math.min(high, Math.max(low, value)));
    const origin = tensorOf("float32", [40, 2], cut);
    const start = tensorOf(
      "float32",
      [40, 2],
      cut.map((value, i) => Math.min(high, Math.max(low, value + (i % 3) * 0.01))),
    );
    const attack = writeInner({ ...plan, norm, low, high, loss });
    const place = await openResident();
    const session = await place.load(writeModel(attack.model));
    const feeds = (steps: number) => ({
      [innerNames.origin]: origin,
      [innerNames.start]: start,
      [innerNames.steps]: tensorOf("int64", [], [steps]),
      [innerNames.step]: tensorOf("float32", [], [0.3]),
      [innerNames.epsilon]: tensorOf("float32", [], [epsilon]),
      ...(attack.labels === undefined ? {} : { [attack.labels]: tensors["y"]! }),
    });
    const found = toFloat((await session.run(feeds(7)))[innerNames.found]!);
    for (let row = 0; row < 40; row++) {
      const change = [found[2 * row]! - cut[2 * row]!, found[2 * row + 1]! - cut[2 * row + 1]!];
      const size = norm === "linf" ? Math.max(...change.map(Math.abs)) : Math.hypot(...change);
      expect(size).toBeLessThanOrEqual(epsilon + 1e-6);
    }
    expect(found.every((value) => value >= low - 1e-7 && value <= high + 1e-7)).toBe(true);
    const [before, after] =
      loss === "kl" ? [divergence(cut, toFloat(start)), divergence(cut, found)] : [crossEntropy(cut), crossEntropy(found)];
    expect(after).toBeGreaterThan(before + (loss === "kl" ? 0.02 : 0.1));
    await place.close();
  });

  it("goes as far in each number as that number may, where each has a radius of its own", async () => {
    const attack = writeInner({ ...plan, norm: "linf", low: -4, high: 4, loss: "cross-entropy", perNumber: true });
    const place = await openResident();
    const session = await place.load(writeModel(attack.model));
    const values = toFloat(x);
    const radius = values.map((_, i) => [0, 0.1, 2][i % 3]!);
    const feed = (numbers: Float32Array) => tensorOf("float32", [40, 2], numbers);
    const answer = await session.run({
      [innerNames.origin]: x,
      [innerNames.start]: x,
      [innerNames.steps]: tensorOf("int64", [], [5]),
      [innerNames.step]: feed(radius.map((own) => own / 2)),
      [innerNames.epsilon]: feed(radius),
      [attack.labels!]: tensors["y"]!,
    });
    await place.close();
    const moved = toFloat(answer[innerNames.found]!).map((value, i) => Math.abs(value - values[i]!));
    for (const [i, far] of moved.entries()) expect(far).toBeLessThanOrEqual(radius[i]! + 1e-6);
    expect(moved.filter((far, i) => radius[i] === 2 && far > 0.1).length).toBeGreaterThan(10);
  });

  // The small net and both losses once more, in double precision.
  const weights = smallNet().graph.initializers;
  const [w1, w2] = ["fc1.weight", "fc2.weight"].map((name) => toFloat(weights.get(name)!));
  const labels = toNumbers(tensors["y"]!);
  function logProbabilities(values: Float32Array, row: number): number[] {
    const hidden = Array.from({ length: 8 }, (_, j) =>
      Math.tanh(values[2 * row]! * w1![j]! + values[2 * row + 1]! * w1![8 + j]!),
    );
    const z = Array.from({ length: 3 }, (_, k) => hidden.reduce((sum, h, j) => sum + h * w2![3 * j + k]!, 0));
    const total = Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0));
    return z.map((value) => value - total);
  }
  const mean = (of: (row: number) => number): number => labels.reduce((sum, _, row) => sum + of(row), 0) / labels.length;
  const crossEntropy = (values: Float32Array): number => mean((row) => -logProbabilities(values, row)[labels[row]!]!);
  const divergence = (from: Float32Array, to: Float32Array): number =>
    mean((row) => {
      const q = logProbabilities(to, row);
      return logProbabilities(from, row).reduce((sum, p, k) => sum + Math.exp(p) * (p - q[k]!), 0);
    });
});

describe("patches", () => {
  const method = hardenings.get("patch");

  /** What the examples of an epoch are and what they become, number by number. */
  async function seen(
    model: Model,
    examples: IndexedDataset,
    params: object,
  ): Promise<{ from: Float32Array; to: Float32Array }[]> {
    const { logits, classes, rowDims, input } = logitsOf(model);
    const site = { classifier: { model, input: input.name, logits, classes, rowDims }, threat, radius: () => threat.epsilon };
    const { perturb } = method.hooks({ ...site, params: paramsOf(method, params) });
    const batches: { from: Float32Array; to: Float32Array }[] = [];
    const hooks: TrainHooks = {
      async perturb(batch, context) {
        const changed = await perturb!(batch, context);
        batches.push({ from: toFloat(batch.inputs["x"]!), to: toFloat(changed.inputs["x"]!) });
        return changed;
      },
    };
    await trainToEnd(train({ ...base, model, data: examples, epochs: 1, hooks }));
    return batches;
  }

  it("that are grey hide a part of each example that carries one, and leave the rest within the radius", async () => {
    const batches = await seen(smallNet(), data, { content: "grey", area: 0.5, share: 1, steps: 2 });
    for (const { from, to } of batches) {
      for (let i = 0; i < to.length; i += 2) {
        const shown = [i, i + 1].filter((at) => to[at] !== 0);
        expect(shown).toHaveLength(1);
        expect(Math.abs(to[shown[0]!]! - from[shown[0]!]!)).toBeLessThanOrEqual(threat.epsilon + 1e-6);
      }
    }
    expect(batches.length).toBeGreaterThan(0);
  });

  it("at the steepest places lie where the loss rises, not anywhere", async () => {
    // Twelve numbers, of which the model reads the first four.
    const b = new GraphBuilder({ name: "left" });
    const weights = normals(36, 2).map((value, i) => (i < 12 ? value : 0));
    const x = b.input("x", "float32", ["N", 12]);
    b.call({ op: "MatMul", inputs: [x, b.initializer("weight", tensorOf("float32", [12, 3], weights))], outputs: ["logits"] });
    b.output("logits", "float32", ["N", 3]);
    const columns = [
      tensorColumn("x", tensorOf("float32", [60, 12], normals(720, 3)) as never),
      tensorColumn(
        "y",
        tensorOf(
          "int64",
          [60],
          Array.from({ length: 60 }, (_, i) => i % 3),
        ) as never,
      ),
    ];
    const examples = createDataset("left", columns, "y");
    const hidden = async (where: string): Promise<number> => {
      const params = { content: "grey", where, area: 0.25, share: 1, steps: 1 };
      const [first] = await seen(b.model(), examples, params);
      return Math.max(...Array.from(first!.to, (value, i) => (value === 0 ? i % 12 : 0)));
    };
    expect(await hidden("steepest")).toBeLessThanOrEqual(4);
    expect(await hidden("random")).toBeGreaterThan(4);
  });
});

describe("hardening", () => {
  it("leaves more answers standing than plain training", async () => {
    const check = async (params: HardenThreat, method: Hardening, epochs: number): Promise<number> => {
      const { model } = await trainToEnd(harden({ ...base, epochs, method, threat: params }));
      const target = await openTarget(model);
      const { tensors } = data.take(Uint32Array.from({ length: 120 }, (_, i) => i));
      const labels = Int32Array.from(toNumbers(tensors["y"]!));
      const seen = await quickCheck(target, { x: toFloat(tensors["x"]!), labels, threat: { ...threat, epsilon: 0.5 }, seed: 1 });
      await target.close();
      return seen.robust;
    };
    const pgd = hardenings.get("pgd");
    const hardly = await check({ ...threat, epsilon: 1e-6 }, pgd, 12);
    const hardened = await check({ ...threat, epsilon: 0.5 }, pgd, 12);
    expect(hardened).toBeGreaterThan(hardly);
  });
});
