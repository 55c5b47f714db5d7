/** Examples for the report's viewer: an original, what was changed, and what the model says of both. */
import type { NormRun } from "../../../lab/assess/index.ts";
import { narrowed } from "../../../lab/attack/index.node.ts";
import type { AttackTarget } from "../../../lab/attack/index.node.ts";
import type { Example } from "../../report/index.ts";
import type { AssessData } from "./data.ts";

/** At most six of each norm, the least changed of different classes first. */
export async function examplesOf(given: {
  readonly runs: readonly NormRun[];
  readonly target: AttackTarget;
  readonly data: AssessData;
}): Promise<readonly Example[]> {
  const { runs, target, data } = given;
  const planes = planesOf(data.dims);
  if (planes === undefined) return [];
  const examples: Example[] = [];
  for (const { norm, standings } of runs) {
    const broken = Array.from(standings.distance.keys()).filter(
      (i) => standings.clean[i] === 1 && Number.isFinite(standings.distance[i]!),
    );
    const seen = new Set<number>();
    const nearestFirst = broken.toSorted((a, b) => standings.distance[a]! - standings.distance[b]!);
    const isOther = (i: number): boolean =>
      data.truth !== undefined || (!seen.has(data.labels[i]!) && Boolean(seen.add(data.labels[i]!)));
    const chosen = nearestFirst.filter(isOther).slice(0, 6);
    for (const index of chosen) {
      const at = index * target.rowSize;
      const [original, adversarial] = [data.x.slice(at, at + target.rowSize), standings.nearest.slice(at, at + target.rowSize)];
      const level = standings.fallen.findIndex((fell) => fell[index] === 1);
      examples.push({
        norm,
        index,
        label: data.labels[index]!,
        distance: standings.distance[index]!,
        attack: standings.brokenBy[Math.max(0, level)]![index] ?? "–",
        ...planes,
        original,
        adversarial,
        before: await answer(narrowed(target, Int32Array.of(index)), original),
        after: await answer(narrowed(target, Int32Array.of(index)), adversarial),
      });
    }
  }
  return examples;
}

async function answer(target: AttackTarget, x: Float32Array): Promise<Example["before"]> {
  if (target.scores === undefined) return { label: (await target.decide({ x, count: 1 }))[0]! };
  const scores = await target.scores({ x, count: 1 });
  const most = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = scores.map((score) => Math.exp(score - most));
  const label = scores.indexOf(most);
  return { label, confidence: weights[label]! / weights.reduce((a, b) => a + b, 0) };
}

/** Images only: one or three planes. */
function planesOf(dims: readonly number[]): Pick<Example, "channels" | "height" | "width"> | undefined {
  const [channels, height, width] = dims.length === 2 ? [1, ...dims] : dims;
  if ((channels !== 1 && channels !== 3) || height === undefined || width === undefined) return undefined;
  return height * width <= 512 * 512 && height > 2 && width > 2 ? { channels, height, width } : undefined;
}
