/** The laws of every registered defence and detector, today's and tomorrow's, on small pictures with one plane and with three. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defences, defend, detectors, jointClassifier, recordOf, watch, withThreshold } from "../../src/lab/defend/index.node.ts";
import { openTarget } from "../../src/lab/attack/index.node.ts";
import type { AttackTarget } from "../../src/lab/attack/index.node.ts";
import { surrogateOf } from "../../src/lab/assess/index.ts";
import { createSeeded } from "../../src/base/math/index.ts";
import { contractOf, GraphBuilder, readModel, tensorOf, toFloat, writeModel } from "../../src/model/onnx/index.ts";
import type { Model } from "../../src/model/onnx/index.ts";
import { openSession } from "../../src/model/runtime/index.node.ts";

const [height, width, classes] = [11, 13, 4];

/** A linear classifier over a picture, and one that shows the picture itself. */
function network(channels: number, classifies: boolean): Model {
  const random = createSeeded(5, channels);
  const size = channels * height * width;
  const b = new GraphBuilder();
  const flat = b.op("Flatten", [b.input("x", "float32", ["N", channels, height, width])]);
  const weights = Array.from({ length: size * classes }, () => random.unit() - 0.5);
  const logits = classifies ? b.op("MatMul", [flat, b.constant(tensorOf("float32", [size, classes], weights))]) : flat;
  b.output(logits, "float32", ["N", classifies ? classes : size]);
  return b.model();
}

const cases = defences.all.flatMap(({ id }) => [1, 3].map((channels) => ({ id, channels })));

describe.each(cases)("the defence $id on $channels planes", ({ id, channels }) => {
  const size = channels * height * width;
  const random = createSeeded(9);
  const x = Float32Array.from({ length: 3 * size }, () => random.unit());
  const defended = defend(network(channels, true), [{ id, params: {} }]);
  let shown: AttackTarget;
  let guide: AttackTarget;
  beforeAll(async () => {
    shown = await openTarget(defend(network(channels, false), [{ id, params: {} }]), { knowledge: "scores" });
    guide = await openTarget(surrogateOf(defended, { saturating: false })?.model ?? defended);
  });
  afterAll(() => Promise.all([shown.close(), guide.close()]));

  it("shows the model something of the same shape and range, the same for the same input", async () => {
    const seen = await shown.scores!({ x, count: 3 });
    expect(seen).toHaveLength(x.length);
    expect(seen.every((value) => value >= -1e-5 && value <= 1 + 1e-5)).toBe(true);
    expect(await shown.scores!({ x, count: 3 })).toEqual(seen);
  });

  it("does something, and keeps most of the picture", async () => {
    const seen = await shown.scores!({ x, count: 3 });
    const change = seen.reduce((sum, value, i) => sum + Math.abs(value - x[i]!), 0) / x.length;
    expect(change).toBeGreaterThan(0.001);
    expect(change).toBeLessThan(0.35);
  });

  it("looks at each example by itself, and the graph proves it", async () => {
    const seen = await shown.scores!({ x, count: 3 });
    const alone = await shown.scores!({ x: x.slice(size, 2 * size), count: 1 });
    expect(alone.every((value, i) => Math.abs(value - seen[size + i]!) < 1e-5)).toBe(true);
    expect(contractOf(defended).rowsApart).toBe(true);
  });

  it("survives numbers that are none, and keeps them to their own example", async () => {
    const odd = x.slice();
    odd.fill(NaN, 0, size);
    const seen = await shown.scores!({ x: odd, count: 2 });
    expect(seen.subarray(size).every(Number.isFinite)).toBe(true);
  });

  it("lets an adaptive attack's gradient through", async () => {
    const { gradient } = await guide.whiteBox!.gradient("margin", { x, count: 3 }, { labels: Int32Array.of(0, 1, 2) });
    for (const row of [0, 1, 2])
      expect(gradient.subarray(row * size, (row + 1) * size).some((value) => Math.abs(value) > 1e-4)).toBe(true);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });

  it("is written into the file, which keeps its contract", () => {
    const read = readModel(writeModel(defended));
    expect(recordOf(read)?.defences.map((one) => one.id)).toEqual([id]);
    const [before, after] = [contractOf(network(channels, true)), contractOf(read)];
    expect([after.inputs, after.outputs, after.batch]).toEqual([before.inputs, before.outputs, before.batch]);
  });
});

describe.each(detectors.all.map(({ id }) => [id] as const))("the detector %s", (id) => {
  const size = height * width;
  const random = createSeeded(10);
  const x = Float32Array.from({ length: 3 * size }, () => random.unit());
  const watched = watch(network(1, true), { id, params: {} });
  const calibration = { rate: 0.05, bound: 0.05, confidence: 0.95, n: 100, exceeding: 1 };
  const guarded = withThreshold(watched, { threshold: 0.01, calibration });
  const suspicionOf = async (rows: Float32Array, count: number): Promise<Float32Array> => {
    const session = await openSession(writeModel(watched.model), { threads: 1 });
    const answer = await session.run({ x: tensorOf("float32", [count, 1, height, width], rows) }, { outputs: [watched.output] });
    await session.close();
    return toFloat(answer[watched.output]!);
  };

  it("gives one number for each example, by itself, the same for the same input, and the graph proves it", async () => {
    const all = await suspicionOf(x, 3);
    expect(all).toHaveLength(3);
    expect(all.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
    const alone = await suspicionOf(x.slice(size, 2 * size), 1);
    expect(Math.abs(alone[0]! - all[1]!)).toBeLessThan(1e-5);
    expect(contractOf(watched.model).rowsApart).toBe(true);
  });

  it("leaves what the model answers and takes as it was", () => {
    const [before, after] = [contractOf(network(1, true)), contractOf(readModel(writeModel(guarded)))];
    expect([after.inputs, after.outputs.slice(0, -1), after.batch]).toEqual([before.inputs, before.outputs, before.batch]);
    expect(after.outputs.at(-1)).toMatchObject({ name: watched.output, type: "float32" });
  });

  it("lets an adaptive attack's gradient through, towards less suspicion", async () => {
    const joint = jointClassifier(guarded)!.model;
    const guide = await openTarget(surrogateOf(joint, { saturating: false })?.model ?? joint, { refuses: true });
    const scores = await guide.scores!({ x, count: 3 });
    const labels = Int32Array.from([0, 1, 2], (row) => {
      const own = scores.subarray(row * (classes + 1), row * (classes + 1) + classes);
      return (own.indexOf(Math.max(...own)) + 1) % classes;
    });
    const { gradient } = await guide.whiteBox!.gradient("margin", { x, count: 3 }, { labels });
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(gradient.some((value) => Math.abs(value) > 1e-5)).toBe(true);
    await guide.close();
  });
});
