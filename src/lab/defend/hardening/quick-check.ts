/** A look at a model in a minute: right answers, and those that stay right under a short attack. An upper bound; `assess` is what judges. */
import { clopperPearson } from "../../../base/math/index.ts";
import type { Interval } from "../../../base/math/index.ts";
import { attacks, runAttack } from "../../attack/index.ts";
import type { AttackTarget } from "../../attack/index.ts";
import type { HardenThreat } from "./define.ts";

/** Shares of the examples looked at. */
export interface QuickCheck {
  readonly n: number;
  readonly clean: number;
  readonly cleanInterval: Interval;
  /** Right at every point that the attacks tried. */
  readonly robust: number;
  readonly robustInterval: Interval;
  readonly attacks: readonly { readonly id: string; readonly params: unknown; readonly robust: number }[];
}

/** What is looked at. */
export interface QuickCheckOptions {
  readonly x: Float32Array;
  readonly labels: Int32Array;
  readonly threat: HardenThreat;
  readonly seed: number;
}

/** Gradient steps on two losses, and a search that needs no gradient: what hides its gradients from the first two must not look robust. */
const plan = [
  { id: "pgd", params: { steps: 20 } },
  { id: "pgd", params: { steps: 20, loss: "margin" } },
  { id: "square", params: { queries: 300 } },
] as const;

/** @throws what attacks throw */
export async function quickCheck(target: AttackTarget, { x, labels, threat, seed }: QuickCheckOptions): Promise<QuickCheck> {
  const { norm, epsilon, low, high } = threat;
  const n = labels.length;
  const right = Uint8Array.from(await target.decide({ x, count: n }), (label, row) => Number(label === labels[row]));
  const standing = right.slice();
  const told: { id: string; params: unknown; robust: number }[] = [];
  for (const { id, params } of plan) {
    const rows = [...standing.keys()].filter((row) => standing[row] === 1);
    if (rows.length === 0) break;
    const part = new Float32Array(rows.length * target.rowSize);
    for (const [i, row] of rows.entries())
      part.set(x.subarray(row * target.rowSize, (row + 1) * target.rowSize), i * target.rowSize);
    const result = await runAttack(attacks.get(id), {
      target,
      x: part,
      labels: Int32Array.from(rows, (row) => labels[row]!),
      threat: { norm, epsilons: [epsilon], bounds: { low, high } },
      params,
      seed,
    });
    for (const [i, row] of rows.entries()) if (result.perEpsilon[0]!.success[i] === 1) standing[row] = 0;
    told.push({ id, params: result.params, robust: count(standing) / n });
  }
  const [clean, robust] = [count(right), count(standing)];
  return {
    n,
    clean: clean / n,
    cleanInterval: clopperPearson(clean, n),
    robust: robust / n,
    robustInterval: clopperPearson(robust, n),
    attacks: told,
  };
}

const count = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0);
