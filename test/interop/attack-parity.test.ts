/** Attacks beside a foreign implementation on the same model and examples: verdicts, losses and distances, not pixels. Needs Python 3 and the network. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attacks, openTarget, runAttack } from "../../src/lab/attack/index.node.ts";
import type { AttackTarget } from "../../src/lab/attack/index.node.ts";
import { namedSets } from "../../src/model/data/index.node.ts";
import { toFloat, toNumbers } from "../../src/model/onnx/index.ts";
import { pythonWith } from "../helpers/python.ts";

const count = 100;
const file = join(import.meta.dirname, "../../examples/models/digits.onnx");
const bounds = { low: 0, high: 1 };
interface Oracle {
  readonly pgd: Readonly<Record<string, { readonly right: readonly number[]; readonly loss: number }>>;
  readonly distance: Readonly<Record<string, readonly (number | null)[]>>;
}
let oracle: Oracle;
let target: AttackTarget;
let x: Float32Array;
let labels: Int32Array;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "modelkeep-attacks-"));
  const { tensors } = (await namedSets[0]!.open("test")).take(Uint32Array.from({ length: count }, (_, i) => i));
  [x, labels] = [toFloat(tensors["x"]!).slice(), Int32Array.from(toNumbers(tensors["y"]!))];
  writeFileSync(join(folder, "x"), new Uint8Array(x.buffer));
  writeFileSync(join(folder, "y"), new Uint8Array(labels.buffer));
  const python = pythonWith(["foolbox==3.3.4", "jax[cpu]==0.10.0", "onnx==1.23.2"]);
  const script = join(import.meta.dirname, "python/attack_oracle.py");
  oracle = JSON.parse(
    execFileSync(python, ["-W", "ignore", script, file, join(folder, "x"), join(folder, "y")], { encoding: "utf8" }),
  ) as Oracle;
  rmSync(folder, { recursive: true });
  target = await openTarget(readFileSync(file));
});
afterAll(() => target.close());

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

describe("attacks beside Foolbox", () => {
  it.each([0.05, 0.1, 0.15])("projected gradient descent has the same verdict on every digit at ε = %d", async (epsilon) => {
    const threat = { norm: "linf" as const, epsilons: [epsilon], bounds };
    const params = { steps: 40, stepSize: epsilon / 10, randomStart: false };
    const result = await runAttack(attacks.get("pgd"), { target, x, labels, threat, params });
    const theirs = oracle.pgd[String(epsilon)]!;
    const { success } = result.perEpsilon[0]!;
    const missed = theirs.right.filter((right, i) => right === 0 && success[i] === 0);
    expect(missed).toEqual([]);
    expect(theirs.right.filter((right, i) => right === success[i]).length).toBeLessThanOrEqual(1);
  });

  it.each(["deepfool l2", "deepfool linf", "ddn l2", "fmn linf"])(
    "%s finds wrong answers as near, for every digit that it breaks",
    async (name) => {
      const [id, norm] = name.split(" ") as [string, "l2" | "linf"];
      const result = await runAttack(attacks.get(id), { target, x, labels, threat: { norm, epsilons: [100], bounds } });
      const theirs = oracle.distance[name]!;
      const right = [...result.clean.keys()].filter((i) => result.clean[i] === 1);
      expect(right.filter((i) => theirs[i] !== null && result.distance[i] === Infinity)).toEqual([]);
      const [ours, other] = [right.map((i) => result.distance[i]!), right.map((i) => theirs[i] ?? Infinity)].map(median) as [
        number,
        number,
      ];
      expect(ours).toBeLessThanOrEqual(1.02 * other);
    },
  );
});
