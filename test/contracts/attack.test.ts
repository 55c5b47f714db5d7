/** The laws of every registered attack, today's and tomorrow's, on a small network that any of them can afford. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { attacks, distance, openTarget, runAttack } from "../../src/lab/attack/index.node.ts";
import type { Attack, AttackOptions, AttackResult, AttackTarget, Threat } from "../../src/lab/attack/index.node.ts";
import { createSeeded } from "../../src/base/math/index.ts";
import { GraphBuilder, tensorOf, toFloat } from "../../src/model/onnx/index.ts";
import type { Model } from "../../src/model/onnx/index.ts";

const rowSize = 36;
const classes = 5;
const size = 6;
const epsilon = { linf: 0.15, l2: 0.6, l1: 2.5, l0: 6 };

/** A picture of 6 × 6 through one hidden layer to five classes; with `broken` the logits are no numbers. */
function network(broken: boolean): Model {
  const random = createSeeded(11);
  const weights = (rows: number, columns: number) =>
    tensorOf(
      "float32",
      [rows, columns],
      Array.from({ length: rows * columns }, () => (random.unit() - 0.5) * (4 / Math.sqrt(rows))),
    );
  const b = new GraphBuilder();
  const flat = b.op("Flatten", [b.input("x", "float32", ["N", 1, 6, 6])]);
  const hidden = b.op("Tanh", [b.op("MatMul", [flat, b.constant(weights(rowSize, 16))])]);
  const logits = b.op("MatMul", [hidden, b.constant(weights(16, classes))]);
  b.output(
    broken ? b.op("Sqrt", [b.op("Sub", [b.op("Mul", [logits, b.scalar("float32", 0)]), b.scalar("float32", 1)])]) : logits,
    "float32",
    ["N", classes],
  );
  return b.model();
}

const random = createSeeded(3);
const x = Float32Array.from({ length: size * rowSize }, () => random.unit());
const bounds = { low: 0, high: 1 };
let target: AttackTarget;
let nan: AttackTarget;
let labels: Int32Array;

beforeAll(async () => {
  [target, nan] = await Promise.all([openTarget(network(false)), openTarget(network(true))]);
  labels = await target.decide({ x, count: size });
});
afterAll(() => Promise.all([target.close(), nan.close()]));

/** Few steps, whatever an attack calls them. */
const few: Readonly<Record<string, number>> = {
  steps: 12,
  queries: 40,
  searchSteps: 3,
  samples: 20,
  startSamples: 10,
  starts: 10,
  rounds: 2,
  pairs: 4,
  numbers: 4,
  targetClasses: 2,
  epochs: 5,
};

/** Enough of them to find something here. */
const enough = {
  ...few,
  steps: 100,
  queries: 300,
  searchSteps: 6,
  samples: 200,
  startSamples: 50,
  starts: 30,
  pairs: 10,
  numbers: 16,
};

function quick(attack: Attack, limits: Readonly<Record<string, number>> = few): Record<string, number> {
  const { shape } = attack.params as unknown as z.ZodObject;
  return Object.fromEntries(Object.entries(limits).filter(([name]) => name in shape));
}

const threatOf = (attack: Attack, norm = attack.norms[0]!): Threat => ({
  norm,
  epsilons: [epsilon[norm] / 2, epsilon[norm]],
  bounds,
});

const play = (attack: Attack, options: Partial<AttackOptions> = {}): Promise<AttackResult> =>
  runAttack(attack, { target, x, labels, threat: threatOf(attack), params: quick(attack), ...options });

const found = (result: AttackResult) => ({
  distance: [...result.distance],
  nearest: [...toFloat(result.nearest)],
  brokenBy: result.brokenBy,
});

describe.each(attacks.all.map((attack) => [attack.id, attack] as const))("the attack %s", (_, attack) => {
  it.each(attack.norms)("stays in its ball and between its bounds, and what it calls wrong is wrong (%s)", async (norm) => {
    const result = await play(attack, { threat: threatOf(attack, norm) });
    const room = { norm, rowSize, low: new Float32Array(rowSize), high: new Float32Array(rowSize).fill(1) };
    for (const pass of result.perEpsilon) {
      const points = toFloat(pass.adversarial);
      expect(points.every((value) => value >= 0 && value <= 1)).toBe(true);
      const answers = await target.decide({ x: points, count: size });
      for (let i = 0; i < size; i++) {
        const far = distance(room, points, x, { x: i * rowSize, origin: i * rowSize });
        expect(far).toBeLessThanOrEqual(pass.epsilon + 1e-5);
        expect(pass.success[i] === 1).toBe(answers[i] !== labels[i]);
      }
    }
    expect(result.stopped).toBeUndefined();
  });

  it("gives the same answer for the same seed", async () => {
    expect(found(await play(attack, { seed: 5 }))).toEqual(found(await play(attack, { seed: 5 })));
  });

  it("attacks one example alone", async () => {
    const one = await play(attack, { x: x.slice(0, rowSize), labels: labels.slice(0, 1) });
    expect(one.size).toBe(1);
    expect(one.totalQueries).toBeGreaterThan(0);
  });

  it("ends on a model that gives no numbers, and claims no success there", async () => {
    const result = await play(attack, { target: nan, labels: new Int32Array(size) });
    expect(result.brokenBy.filter((part) => part !== undefined)).toEqual([]);
    expect(result.nonFinite.answers).toBeGreaterThan(0);
  });

  it("never asks more than its budget", async () => {
    const result = await play(attack, { budget: { queries: 9, gradients: 4, totalQueries: 40 } });
    expect(Math.max(...result.counts.queries)).toBeLessThanOrEqual(9);
    expect(Math.max(...result.counts.gradients)).toBeLessThanOrEqual(4);
    expect(result.totalQueries).toBeLessThanOrEqual(40);
  });

  it("counts every answer that the model gives", async () => {
    let given = 0;
    const counted: AttackTarget = {
      ...target,
      scores: (rows, ask) => {
        given += rows.count;
        return target.scores!(rows, ask);
      },
      decide: (rows, ask) => {
        given += rows.count;
        return target.decide(rows, ask);
      },
    };
    const result = await play(attack, { target: counted });
    expect(result.totalQueries).toBe(given);
  });

  it("stops when it is told to, keeps what it found, and goes on from there", async () => {
    const stop = new AbortController();
    const threat = threatOf(attack);
    const stopped = await play(attack, { threat, signal: stop.signal, onProgress: () => stop.abort() });
    const whole = await play(attack, { threat, resume: stopped.state });
    if (stopped.stopped !== undefined) expect(stopped.stopped.reason).toBe("cancelled");
    expect(whole.stopped).toBeUndefined();
    for (const [i, far] of stopped.distance.entries()) expect(whole.distance[i]).toBeLessThanOrEqual(far);
    expect(whole.totalQueries).toBeGreaterThanOrEqual(stopped.totalQueries);
  });
});

describe("attacks as a whole", () => {
  it("find wrong answers on an undefended network: all but the corruptions", async () => {
    for (const attack of attacks.all.filter(({ aim }) => aim !== "nothing")) {
      const [norm] = attack.norms;
      const wide: Threat = { norm: norm!, epsilons: [epsilon[norm!] * 6], bounds };
      const result = await play(attack, { threat: wide, params: quick(attack, enough) });
      expect(result.brokenBy.filter((part) => part !== undefined).length, attack.id).toBeGreaterThanOrEqual(size - 2);
    }
  });
});
