import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digits, digitsModel } from "../../../../test/helpers/digits.ts";
import { besiegeBounds, besiegeSmoothing } from "../../../../test/helpers/attack-certified.ts";
import { normals, smallNet } from "../../../../test/helpers/train-sets.ts";
import { createSeeded } from "../../../base/math/index.ts";
import { GraphBuilder, readModel, tensorOf, toFloat } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { openSession } from "../../../model/runtime/index.node.ts";
import { attacks, openTarget, runAttack } from "../../attack/index.node.ts";
import type { AttackTarget } from "../../attack/index.node.ts";
import { certifiedAccuracy, certifyBySmoothing, openBounds, radiusOf, seededNoise } from "../index.node.ts";
import type { Certificate, SmoothingSettings } from "../index.node.ts";

const settings: SmoothingSettings = { sigma: 0.5, n0: 20, n: 300, alpha: 0.001, seed: 4 };

async function all(certificates: AsyncGenerator<Certificate>): Promise<Certificate[]> {
  const found: Certificate[] = [];
  for await (const one of certificates) found.push(one);
  return found;
}

describe("the radius of a count", () => {
  // scipy 1.x: beta.ppf(alpha, k, n - k + 1), norm.ppf of it, 0 where it is not above one half.
  it.each([
    [990, 1000, 0.001, 1.9780095821411994],
    [9999, 10000, 0.001, 3.11396359218263],
    [10000, 10000, 0.001, 3.1985775147383384],
    [5200, 10000, 0.001, 0.01128470119149607],
    [5100, 10000, 0.001, 0],
    [99000, 100000, 0.001, 2.289999955213766],
    [60, 100, 0.05, 0.032531294921923276],
    [100, 100, 0.001, 1.5004750241206364],
  ] as const)("of %d of %d at %d is scipy's", (top, n, alpha, expected) => {
    expect(Math.abs(radiusOf(top, { n, alpha, sigma: 1 }) - expected)).toBeLessThan(1e-9);
    expect(Math.abs(radiusOf(top, { n, alpha, sigma: 0.25 }) - expected / 4)).toBeLessThan(1e-9);
  });
});

describe("smoothing", () => {
  /** Says 1 where its number is above 0. */
  const sign = (): Model => {
    const b = new GraphBuilder();
    const x = b.input("x", "float32", ["N", 1]);
    b.output(b.op("Concat", [b.op("Neg", [x]), x], { axis: 1 }), "float32", ["N", 2]);
    return b.model();
  };
  let target: AttackTarget;
  beforeAll(async () => void (target = await openTarget(sign())));
  afterAll(() => target.close());

  it("counts exactly, given the noise; the draws that choose are not counted again", async () => {
    const rng = createSeeded(1);
    const drawn = Float32Array.from({ length: 320 }, () => 2 * rng.unit() - 1);
    const examples = Float32Array.of(0.3, -0.05, -0.9);
    const seen = await all(
      certifyBySmoothing(target, examples, settings, (out, { from }) => out.set(drawn.subarray(from, from + out.length))),
    );
    for (const [row, { chosen, top, predicted, radius }] of seen.entries()) {
      const says = (from: number, to: number): number =>
        drawn.subarray(from, to).filter((noise) => Math.fround(examples[row]! + noise) > 0).length;
      const ones = says(0, 20);
      expect(chosen).toEqual([20 - ones, ones]);
      const best = ones > 10 ? 1 : 0;
      const expected = best === 1 ? says(20, 320) : 300 - says(20, 320);
      expect(top).toBe(expected);
      expect(radius).toBe(radiusOf(expected, settings));
      expect(predicted).toBe(radius > 0 ? best : -1);
    }
  });

  it("abstains where no class is said by more than half for sure", async () => {
    const [only] = await all(certifyBySmoothing(target, Float32Array.of(0), settings));
    expect(only).toMatchObject({ predicted: -1, radius: 0 });
  });

  it("never certifies past where a linear model turns", async () => {
    // For a linear model the true radius is the distance to the boundary: a certificate beyond it would be wrong.
    const examples = Float32Array.from({ length: 12 }, (_, i) => 0.1 + 0.2 * i);
    const seen = await all(certifyBySmoothing(target, examples, settings));
    for (const [i, { predicted, radius }] of seen.entries()) if (predicted === 1) expect(radius).toBeLessThan(examples[i]!);
    expect(seen.filter(({ predicted }) => predicted === 1).length).toBeGreaterThan(8);
  });

  it("gives the same for the same seed, in noise of the deviation that was asked for", async () => {
    const x = Float32Array.of(0.2);
    const run = (seed: number): Promise<Certificate[]> => all(certifyBySmoothing(target, x, { ...settings, seed }));
    expect(await run(4)).toEqual(await run(4));
    expect(await run(5)).not.toEqual(await run(4));
    const noise = new Float32Array(40_000);
    seededNoise({ sigma: 0.5, seed: 1 })(noise, { row: 0, from: 0, width: 40_000 });
    const mean = noise.reduce((a, b) => a + b, 0) / noise.length;
    const deviation = Math.sqrt(noise.reduce((a, b) => a + (b - mean) ** 2, 0) / noise.length);
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(Math.abs(deviation - 0.5)).toBeLessThan(0.01);
  });

  it.each([{ sigma: 0 }, { sigma: Number.NaN }, { n: 0 }, { n0: 1.5 }, { alpha: 1 }])("refuses %o", async (wrong) => {
    await expect(all(certifyBySmoothing(target, Float32Array.of(1), { ...settings, ...wrong }))).rejects.toMatchObject({
      code: "defend/bad-option",
      exit: 4,
    });
  });
});

describe("certified accuracy", () => {
  it("counts what is right and holds; abstaining is not right", () => {
    const rows = [
      { label: 1, predicted: 1, radius: 0.5 },
      { label: 1, predicted: 0, radius: 0.9 },
      { label: 2, predicted: -1, radius: 0 },
      { label: 0, predicted: 0, radius: 0.2 },
    ];
    expect([0, 0.2, 0.3, 0.5, 0.51].map((radius) => certifiedAccuracy(rows, radius))).toEqual([0.5, 0.5, 0.25, 0.25, 0]);
  });
});

/** Convolution, batch norm, average and maximum, a sum of two branches, a product with a constant, two full layers. */
function mixedNet(): Model {
  const rng = createSeeded(11);
  const b = new GraphBuilder({ name: "mixed" });
  const w = (name: string, dims: readonly number[], scale = 0.5, shift = 0): string =>
    b.initializer(
      name,
      tensorOf(
        "float32",
        dims,
        Array.from({ length: dims.reduce((p, d) => p * d, 1) }, () => shift + scale * (2 * rng.unit() - 1)),
      ),
    );
  const x = b.input("x", "float32", ["N", 1, 6, 6]);
  const conv = b.op("Conv", [x, w("k", [3, 1, 3, 3]), w("kb", [3])], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  const norm = b.op("BatchNormalization", [conv, w("s", [3]), w("t", [3]), w("m", [3]), w("v", [3], 0.2, 1)]);
  const relu = b.op("Relu", [norm]);
  const both = b.op("Sub", [relu, b.op("Mul", [conv, w("f", [3, 1, 1])])]);
  const pooled = b.op("MaxPool", [both], { kernel_shape: [2, 2], strides: [2, 2] });
  const mean = b.op("AveragePool", [pooled], { kernel_shape: [3, 3] });
  const flat = b.op("Flatten", [mean], { axis: 1 });
  const hidden = b.op("Tanh", [b.op("Gemm", [flat, w("g", [3, 5]), w("gb", [5])])]);
  const out = b.op("Add", [b.op("MatMul", [b.op("Sub", [w("c", [5]), hidden]), w("o", [5, 3])]), w("ob", [3])]);
  b.output(out, "float32", ["N", 3]);
  return b.model();
}

describe.each(["interval", "zonotope"] as const)("%s bounds", (method) => {
  it("hold against every point that was tried, on a net of every kind of node", async () => {
    const model = mixedNet();
    const [bounded, target] = [await openBounds(openSession, model), await openTarget(model)];
    const rng = createSeeded(2);
    const n = 12;
    const x = Float32Array.from({ length: n * 36 }, () => rng.unit());
    const labels = await target.decide({ x, count: n });
    let certified = 0;
    for (const epsilon of [0.005, 0.02, 0.08]) {
      const leads = await bounded.leads(x, labels, { method, epsilon, low: 0, high: 1 });
      certified += leads.filter((lead) => lead > 0).length;
      for (let round = 0; round < 40; round++) {
        const moved = x.map((value) =>
          Math.min(1, Math.max(0, value + epsilon * (round < 20 ? Math.sign(rng.unit() - 0.5) : 2 * rng.unit() - 1))),
        );
        const scores = await target.scores!({ x: moved, count: n });
        for (let row = 0; row < n; row++) {
          const own = scores.subarray(row * 3, row * 3 + 3);
          const lead = own[labels[row]!]! - Math.max(...own.filter((_, k) => k !== labels[row]));
          expect(lead).toBeGreaterThanOrEqual(leads[row]!);
        }
      }
    }
    expect(certified).toBeGreaterThan(0);
    await Promise.all([bounded.close(), target.close()]);
  });

  it("are exact where nothing may move", async () => {
    const target = await openTarget(smallNet());
    const bounded = await openBounds(openSession, smallNet());
    const x = Float32Array.of(0.3, -0.4, 1, 2);
    const labels = await target.decide({ x, count: 2 });
    const leads = await bounded.leads(x, labels, { method, epsilon: 0, low: -9, high: 9 });
    const scores = await target.scores!({ x, count: 2 });
    for (const row of [0, 1]) {
      const own = scores.subarray(row * 3, row * 3 + 3);
      expect(leads[row]!).toBeCloseTo(own[labels[row]!]! - Math.max(...own.filter((_, k) => k !== labels[row])), 3);
    }
    await Promise.all([bounded.close(), target.close()]);
  });

  it("survive an attack on each example that they certify", async () => {
    const [bounded, target] = [await openBounds(openSession, readModel(digitsModel())), await openTarget(digitsModel())];
    const x = toFloat(digits(0, 4).input).slice();
    const labels = await target.decide({ x, count: 4 });
    const epsilon = 0.004;
    const leads = await bounded.leads(x, labels, { method, epsilon, low: 0, high: 1 });
    const threat = { norm: "linf" as const, epsilons: [epsilon], bounds: { low: 0, high: 1 } };
    const result = await runAttack(attacks.get("pgd"), { target, x, labels, threat });
    for (let row = 0; row < 4; row++) if (leads[row]! > 0) expect(result.perEpsilon[0]!.success[row]).toBe(0);
    await Promise.all([bounded.close(), target.close()]);
  });
});

describe("a certificate under siege", () => {
  it.each(["interval", "zonotope"] as const)("by %s bounds falls to none of some hundred attacks", async (method) => {
    const siege = await besiegeBounds({
      model: mixedNet(),
      method,
      epsilons: [0.005, 0.02, 0.08],
      x: Float32Array.from(normals(12 * 36, 8), (value) => Math.min(1, Math.abs(value))),
      low: 0,
      high: 1,
      attacks: 200,
    });
    expect(siege).toMatchObject({ violations: 0 });
    expect(siege.attacks).toBeGreaterThanOrEqual(200);
  });

  it("by smoothing falls to none of some hundred attacks", async () => {
    const siege = await besiegeSmoothing({
      model: smallNet(),
      sigma: 0.4,
      n: 2000,
      x: normals(12, 6, 1.2),
      attacks: 200,
      draws: 400,
    });
    expect(siege).toMatchObject({ violations: 0 });
    expect(siege.attacks).toBeGreaterThanOrEqual(200);
  });
});

describe("bounds", () => {
  it("of zonotopes are never looser than those of intervals on a plain net", async () => {
    const model = readModel(digitsModel());
    const bounded = await openBounds(openSession, model);
    const x = toFloat(digits(0, 3).input).slice();
    const target = await openTarget(model);
    const labels = await target.decide({ x, count: 3 });
    const at = { epsilon: 0.005, low: 0, high: 1 } as const;
    const [loose, tight] = [
      await bounded.leads(x, labels, { method: "interval", ...at }),
      await bounded.leads(x, labels, { method: "zonotope", ...at }),
    ];
    for (const row of [0, 1, 2]) expect(tight[row]!).toBeGreaterThan(loose[row]!);
    await Promise.all([bounded.close(), target.close()]);
  });

  it("name the node that has no rule", async () => {
    const b = new GraphBuilder();
    const x = b.input("x", "float32", ["N", 2]);
    b.output(b.op("Mul", [x, b.op("Sin", [x])]), "float32", ["N", 2]);
    await expect(openBounds(openSession, b.model())).rejects.toMatchObject({ code: "defend/unsupported-model" });
  });
});
