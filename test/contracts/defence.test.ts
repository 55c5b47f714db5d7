/** The laws of every registered defence, today's and tomorrow's, on small pictures with one plane and with three. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defences, defend, recordOf } from "../../src/lab/defend/index.node.ts";
import { openTarget } from "../../src/lab/attack/index.node.ts";
import type { AttackTarget } from "../../src/lab/attack/index.node.ts";
import { surrogateOf } from "../../src/lab/assess/index.ts";
import { createSeeded } from "../../src/base/math/index.ts";
import { contractOf, GraphBuilder, readModel, tensorOf, writeModel } from "../../src/model/onnx/index.ts";
import type { Model } from "../../src/model/onnx/index.ts";

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
