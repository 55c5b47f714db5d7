/** What every registered attack owes a table: no row that could not be, whatever it is asked of the model or shown as a result. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { attacks, openTarget, runAttack } from "../../src/lab/attack/index.node.ts";
import type { Attack, AttackTarget, Constraints, Rows } from "../../src/lab/attack/index.node.ts";
import { createSeeded } from "../../src/base/math/index.ts";
import type { Seeded } from "../../src/base/math/index.ts";
import { GraphBuilder, tensorOf, toFloat } from "../../src/model/onnx/index.ts";

const [columns, size, classes] = [12, 4, 3];

/** Every kind of rule, each about columns of its own, so that any of them may be left out. */
function rulesFor(random: Seeded): Required<Constraints> {
  return {
    immutable: [0],
    integer: [1, 2],
    increasing: [3],
    decreasing: [4],
    oneHot: [[5, 6, 7]],
    ranges: [{ feature: 8, min: 0.2, max: 0.8 }],
    linear: [
      {
        weights: [
          [9, 1],
          [10, 1 + random.unit()],
        ],
        atMost: 1.5,
      },
    ],
    costs: Float32Array.from({ length: columns }, () => 0.5 + 1.5 * random.unit()),
  };
}

/** Rows that hold all of them; whole numbers up to 5, everything else up to 1. */
function tableFrom(random: Seeded): Float32Array {
  return Float32Array.from({ length: size * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    if (column === 1 || column === 2) return Math.floor(random.unit() * 6);
    if (column >= 5 && column <= 7) return Number(column - 5 === row % 3);
    if (column >= 8) return 0.2 + 0.3 * random.unit();
    return random.unit();
  });
}

const high = Float32Array.from({ length: columns }, (_, column) => (column === 1 || column === 2 ? 5 : 1));
const bounds = { low: new Float32Array(columns), high };
const epsilon = { linf: 0.9, l2: 1.5, l1: 3, l0: 4 };

/** The rules that a row breaks, written without what attacks use. `relaxed`: numbers between whole ones are allowed, as gradients need them. */
function brokenRules(row: ArrayLike<number>, origin: ArrayLike<number>, rules: Constraints, relaxed: boolean): string[] {
  const broken: string[] = [];
  const near = 1e-5;
  const must = (holds: boolean, rule: string): void => void (holds || broken.push(rule));
  for (const i of rules.immutable ?? []) must(row[i] === origin[i], `immutable ${i}`);
  for (const i of rules.increasing ?? []) must(row[i]! >= origin[i]! - near, `increasing ${i}`);
  for (const i of rules.decreasing ?? []) must(row[i]! <= origin[i]! + near, `decreasing ${i}`);
  for (const { feature, min = -Infinity, max = Infinity } of rules.ranges ?? [])
    must(row[feature]! >= min - near && row[feature]! <= max + near, `range ${feature}`);
  for (let i = 0; i < columns; i++) must(row[i]! >= 0 && row[i]! <= high[i]!, `bound ${i}`);
  if (relaxed) return broken;
  for (const i of rules.integer ?? []) must(Number.isInteger(row[i]!), `integer ${i}`);
  for (const group of rules.oneHot ?? []) {
    must(
      group.every((i) => row[i] === 0 || row[i] === 1) && group.filter((i) => row[i] === 1).length === 1,
      `one-hot ${group.join()}`,
    );
  }
  for (const { weights, atMost } of rules.linear ?? [])
    must(weights.reduce((sum, [i, weight]) => sum + weight * row[i]!, 0) <= atMost + near, "linear");
  return broken;
}

/** How far a row is, each change times what it costs. */
function paid(
  norm: keyof typeof epsilon,
  row: ArrayLike<number>,
  origin: ArrayLike<number>,
  costs: ArrayLike<number> | undefined,
): number {
  const changes = Array.from({ length: columns }, (_, i) => Math.abs(row[i]! - origin[i]!) * (costs?.[i] ?? 1));
  if (norm === "linf") return Math.max(...changes);
  if (norm === "l2") return Math.hypot(...changes);
  return norm === "l1" ? changes.reduce((a, b) => a + b, 0) : changes.filter((change) => change > 0).length;
}

let target: AttackTarget;
beforeAll(async () => {
  const random = createSeeded(5);
  const weights = (rows: number, width: number) =>
    tensorOf(
      "float32",
      [rows, width],
      Array.from({ length: rows * width }, () => (random.unit() - 0.5) * 2),
    );
  const b = new GraphBuilder();
  const hidden = b.op("Tanh", [b.op("MatMul", [b.input("x", "float32", ["N", columns]), b.constant(weights(columns, 8))])]);
  b.output(b.op("MatMul", [hidden, b.constant(weights(8, classes))]), "float32", ["N", classes]);
  target = await openTarget(b.model());
});
afterAll(() => target.close());

/** Few steps, whatever an attack calls them. */
const few: Readonly<Record<string, number>> = {
  steps: 10,
  queries: 30,
  searchSteps: 2,
  samples: 10,
  startSamples: 10,
  starts: 10,
  rounds: 2,
  pairs: 4,
  numbers: 4,
  targetClasses: 1,
};
const quick = (attack: Attack): Record<string, number> => {
  const { shape } = attack.params as unknown as z.ZodObject;
  return Object.fromEntries(Object.entries(few).filter(([name]) => name in shape));
};

/** Pictures are no tables. */
const tabular = attacks.all.filter(({ id }) => !["patch", "corruption"].includes(id) && attacks.get(id).classes <= classes);

describe.each(tabular.map((attack) => [attack.id, attack] as const))("on a table, the attack %s", (_, attack) => {
  it.each([
    ["all rules at once", 1],
    ["some of the rules", 2],
    ["some others", 3],
  ])("asks for and shows only rows that could be: %s", async (_which, seed) => {
    const random = createSeeded(seed, attack.id.length);
    const every = Object.entries(rulesFor(random));
    const rules = Object.fromEntries(seed === 1 ? every : every.filter(() => random.unit() < 0.5)) as Constraints;
    const x = tableFrom(random);
    const origin = (example: number): Float32Array => x.subarray(example * columns, (example + 1) * columns);
    const broken = new Set<string>();
    const look = ({ x: asked, count, examples }: Rows, relaxed: boolean): void => {
      for (let row = 0; row < count; row++) {
        const point = asked.subarray(row * columns, (row + 1) * columns);
        for (const rule of brokenRules(point, origin(examples?.[row] ?? row), rules, relaxed)) broken.add(rule);
      }
    };
    const watched: AttackTarget = {
      ...target,
      scores: (rows, ask) => (look(rows, false), target.scores!(rows, ask)),
      decide: (rows, ask) => (look(rows, false), target.decide(rows, ask)),
      whiteBox: {
        ...target.whiteBox!,
        gradient: (loss, rows, feed, ask) => (look(rows, true), target.whiteBox!.gradient(loss, rows, feed, ask)),
      },
    };
    const labels = await target.decide({ x, count: size });
    const [norm] = attack.norms as readonly (keyof typeof epsilon)[];
    const threat = { norm: norm!, epsilons: [epsilon[norm!]], bounds, constraints: rules };
    const result = await runAttack(attack, { target: watched, x, labels, threat, params: quick(attack) });
    expect([...broken]).toEqual([]);
    const points = toFloat(result.nearest);
    for (let example = 0; example < size; example++) {
      const point = points.subarray(example * columns, (example + 1) * columns);
      expect(brokenRules(point, origin(example), rules, false)).toEqual([]);
      if (!Number.isFinite(result.distance[example]!)) continue;
      expect(result.distance[example]!).toBeCloseTo(paid(norm!, point, origin(example), rules.costs), 4);
      expect(
        paid(
          norm!,
          toFloat(result.perEpsilon[0]!.adversarial).subarray(example * columns, (example + 1) * columns),
          origin(example),
          rules.costs,
        ),
      ).toBeLessThanOrEqual(epsilon[norm!] * (1 + 1e-4));
    }
  });
});
