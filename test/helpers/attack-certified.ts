/** Attacks inside certified radii: what was proven must hold against each of them. */
import { binomialTest, createSeeded } from "../../src/base/math/index.ts";
import { attacks, openTarget, runAttack } from "../../src/lab/attack/index.node.ts";
import type { AttackTarget } from "../../src/lab/attack/index.node.ts";
import { certifyBySmoothing, openBounds, seededNoise } from "../../src/lab/defend/index.node.ts";
import type { Certificate } from "../../src/lab/defend/index.node.ts";
import type { Model } from "../../src/model/onnx/index.ts";
import { openSession } from "../../src/model/runtime/index.node.ts";
import { normals } from "./train-sets.ts";

export interface Siege {
  /** Examples with a certificate. */
  readonly certified: number;
  readonly attacks: number;
  readonly violations: number;
}

interface BoundsSiege {
  readonly model: Model;
  readonly method: "interval" | "zonotope";
  /** Rising: each example is attacked at the largest that is certified. */
  readonly epsilons: readonly number[];
  readonly x: Float32Array;
  readonly low: number;
  readonly high: number;
  readonly attacks: number;
}

/** Half of the attacks are corners of the box, half are projected gradient descent from random points. Bounds are exact: one violation is a bug. */
export async function besiegeBounds({ model, method, epsilons, x, low, high, attacks: wanted }: BoundsSiege): Promise<Siege> {
  const [bounded, target] = [await openBounds(openSession, model), await openTarget(model, { maxRows: 4096 })];
  const count = x.length / target.rowSize;
  const labels = await target.decide({ x, count });
  const radius = new Float64Array(count);
  for (const epsilon of epsilons) {
    const leads = await bounded.leads(x, labels, { method, epsilon, low, high });
    for (const [row, lead] of leads.entries()) if (lead > 0) radius[row] = epsilon;
  }
  const held = [...radius.keys()].filter((row) => radius[row]! > 0);
  let [made, violations] = [0, 0];
  for (const epsilon of epsilons) {
    const rows = held.filter((row) => radius[row] === epsilon);
    if (rows.length === 0) continue;
    const share = Math.max(1, Math.ceil(wanted / held.length / 2));
    const many = rows.flatMap((row) => Array.from({ length: share }, () => row));
    const block = repeatedRows(x, many, target.rowSize);
    const own = Int32Array.from(many, (row) => labels[row]!);
    const rng = createSeeded(7, made);
    const corners = block.map((value) => Math.min(high, Math.max(low, value + (rng.unit() < 0.5 ? -epsilon : epsilon))));
    const said = await target.decide({ x: corners, count: many.length });
    violations += said.reduce((sum, label, i) => sum + (label === own[i] ? 0 : 1), 0);
    const threat = { norm: "linf" as const, epsilons: [epsilon], bounds: { low, high } };
    const result = await runAttack(attacks.get("pgd"), {
      target,
      x: block,
      labels: own,
      threat,
      params: { steps: 10 },
      seed: made,
    });
    violations += result.perEpsilon[0]!.success.reduce((sum, one) => sum + one, 0);
    made += 2 * many.length;
  }
  await Promise.all([bounded.close(), target.close()]);
  return { certified: held.length, attacks: made, violations };
}

interface SmoothingSiege {
  readonly model: Model;
  readonly sigma: number;
  readonly n: number;
  readonly x: Float32Array;
  readonly attacks: number;
  /** Fresh draws that count what the smoothed model says at an attacked point. */
  readonly draws: number;
}

/**
 * Half of the attacks go in random directions, half up the gradient that is averaged over noise (Salman et al. 2019, arXiv:1906.04584), all to just
 * within the certified radius. What the smoothed model says there is counted anew. A violation is a count that a majority of the certified class
 * would give with a chance below 1e-9: over 10⁵ attacks a false alarm has a chance below 1e-4, and a class that leads by little may escape; a
 * certificate itself may be wrong with the chance alpha, 1e-6 here.
 */
export async function besiegeSmoothing({ model, sigma, n, x, attacks: wanted, draws }: SmoothingSiege): Promise<Siege> {
  const target = await openTarget(model, { maxRows: 16_384 });
  const settings = { sigma, n, n0: 100, alpha: 1e-6, seed: 3 };
  const certificates: Certificate[] = [];
  for await (const certificate of certifyBySmoothing(target, x, settings)) certificates.push(certificate);
  const held = [...certificates.keys()].filter((row) => certificates[row]!.predicted >= 0);
  const share = Math.max(1, Math.ceil(wanted / held.length / 2));
  let [made, violations] = [0, 0];
  for (const row of held) {
    const { predicted, radius } = certificates[row]!;
    const origin = repeatedRows(
      x,
      Array.from({ length: share }, () => row),
      target.rowSize,
    );
    for (const guided of [false, true]) {
      const points = stepTo(origin, normals(origin.length, 100 + row), { radius: 0.999 * radius, width: target.rowSize });
      if (guided) await climb(target, points, { origin, label: predicted, radius: 0.999 * radius, sigma, seed: row });
      const says = await countOf(target, points, { label: predicted, draws, sigma, seed: 1000 + row });
      // A majority of the certified class would seldom be seen in so few.
      violations += says.filter((top) => binomialTest(top, draws, { share: 0.5, alternative: "less" }) < 1e-9).length;
      made += share;
    }
  }
  await target.close();
  return { certified: held.length, attacks: made, violations };
}

function repeatedRows(x: Float32Array, rows: readonly number[], width: number): Float32Array {
  const out = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) out.set(x.subarray(row * width, (row + 1) * width), i * width);
  return out;
}

/** Each row of `origin`, moved by `radius` along its direction. */
function stepTo(
  origin: Float32Array,
  along: Float32Array,
  { radius, width }: { readonly radius: number; readonly width: number },
): Float32Array {
  const out = origin.slice();
  for (let at = 0; at < out.length; at += width) {
    const length = Math.hypot(...along.subarray(at, at + width)) || 1;
    for (let i = at; i < at + width; i++) out[i]! += (radius * along[i]!) / length;
  }
  return out;
}

interface Climb {
  readonly origin: Float32Array;
  readonly label: number;
  readonly radius: number;
  readonly sigma: number;
  readonly seed: number;
}

/** A few steps along the margin's gradient, averaged over noise, in place. */
async function climb(target: AttackTarget, points: Float32Array, { origin, label, radius, sigma, seed }: Climb): Promise<void> {
  const width = target.rowSize;
  const count = points.length / width;
  const labels = new Int32Array(count).fill(label);
  for (let step = 0; step < 3; step++) {
    const sum = new Float32Array(points.length);
    for (let draw = 0; draw < 8; draw++) {
      const noisy = new Float32Array(points.length);
      seededNoise({ sigma, seed: seed + 1 })(noisy, { row: step, from: draw, width });
      for (let i = 0; i < noisy.length; i++) noisy[i]! += points[i]!;
      const { gradient } = await target.whiteBox!.gradient("margin", { x: noisy, count }, { labels });
      for (let i = 0; i < sum.length; i++) sum[i]! += gradient[i]!;
    }
    const moved = points.map((value, i) => value - origin[i]!);
    for (let at = 0; at < sum.length; at += width) {
      const length = Math.hypot(...sum.subarray(at, at + width)) || 1;
      for (let i = at; i < at + width; i++) moved[i]! += (radius * sum[i]!) / length;
    }
    points.set(stepTo(origin, moved, { radius, width }));
  }
}

async function countOf(
  target: AttackTarget,
  points: Float32Array,
  {
    label,
    draws,
    sigma,
    seed,
  }: { readonly label: number; readonly draws: number; readonly sigma: number; readonly seed: number },
): Promise<number[]> {
  const width = target.rowSize;
  const found: number[] = [];
  for (let at = 0; at < points.length; at += width) {
    const noisy = new Float32Array(draws * width);
    seededNoise({ sigma, seed })(noisy, { row: at, from: 0, width });
    for (let i = 0; i < noisy.length; i++) noisy[i]! += points[at + (i % width)]!;
    const said = await target.decide({ x: noisy, count: draws });
    found.push(said.reduce((sum, one) => sum + (one === label ? 1 : 0), 0));
  }
  return found;
}
