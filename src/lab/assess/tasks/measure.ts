/** What a task measures: its figures before any attack, and the worst of them that is known within each radius. */
import { attacks, freshState, openJudgedWith, runAttack } from "../../attack/index.ts";
import type { AttackTarget, Bounds, JudgedModel, Norm, OpenSession } from "../../attack/index.ts";
import type { NormRun } from "../campaign.ts";
import type { TaskFigure } from "./define.ts";

/** A figure under one threat, a mean over all examples. */
export interface MeasuredFigure {
  readonly name: string;
  readonly title: string;
  readonly clean: number;
  /** Over the worst that is known of each example: a climb that goes on where others stop, and everything that broke it. */
  readonly attacked: number;
}

/** The figures of one threat. */
export interface MeasuredThreat {
  readonly norm: Norm;
  readonly epsilon: number;
  readonly figures: readonly MeasuredFigure[];
}

interface MeasureOptions {
  readonly judged: JudgedModel;
  readonly figures: readonly TaskFigure[];
  readonly open: OpenSession;
  readonly x: Float32Array;
  readonly runs: readonly NormRun[];
  readonly bounds: Bounds;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** Attacks once more at each radius without stopping at the first success, and keeps the worst figures of each example. */
export async function measureTask(options: MeasureOptions): Promise<readonly MeasuredThreat[]> {
  const { judged, figures, open, x, runs } = options;
  const size = runs[0]!.standings.size;
  const gauge = createGauge(figures, size);
  const target = await openJudgedWith(open, {
    ...judged,
    judgement: { ...judged.judgement, figures: figures.map(({ value }) => value), onFigures: gauge.take },
  });
  try {
    await target.scores!({ x, count: size });
    const clean = gauge.means();
    const measured: MeasuredThreat[] = [];
    for (const run of runs) {
      for (const [level, epsilon] of run.standings.epsilons.entries()) {
        await worsen(options, target, { run, level, epsilon });
        const worst = gauge.means();
        const rows = figures.map(({ id, title }, i) => ({ name: id, title, clean: clean[i]!, attacked: worst[i]! }));
        measured.push({ norm: run.norm, epsilon, figures: rows });
      }
      // Radii rise: what is known within one is known within the next. Another norm begins anew.
      gauge.reset();
      await target.scores!({ x, count: size });
    }
    return measured;
  } finally {
    await target.close();
  }
}

async function worsen(
  { x, bounds, seed, signal }: MeasureOptions,
  target: AttackTarget,
  { run: { norm, standings }, level, epsilon }: { run: NormRun; level: number; epsilon: number },
): Promise<void> {
  const { size, nearest } = standings;
  const fallen = Int32Array.from(standings.distance.keys()).filter(
    (i) => standings.fallen[level]![i] === 1 && standings.distance[i]! > 0,
  );
  const width = target.rowSize;
  const points = new Float32Array(fallen.length * width);
  for (const [i, example] of fallen.entries()) points.set(nearest.subarray(example * width, (example + 1) * width), i * width);
  if (fallen.length > 0) await target.scores!({ x: points, count: fallen.length, examples: fallen });
  const climb = attacks.get("pgd");
  if (target.whiteBox === undefined || !climb.norms.includes(norm)) return;
  await runAttack(climb, {
    target,
    x,
    labels: new Int32Array(size),
    threat: { norm, epsilons: [epsilon], bounds },
    params: { steps: 40, loss: "margin" },
    seed,
    independent: true,
    // Also what was wrong to begin with gets worse.
    resume: freshState({ attack: climb.id, seed, clean: new Uint8Array(size).fill(1), x }),
    // No lead is enough: it goes on.
    confidence: Number.MAX_VALUE,
    ...(signal === undefined ? {} : { signal }),
  });
}

interface Gauge {
  take(examples: Int32Array | undefined, measured: readonly Float32Array[]): void;
  /** Of each figure the mean over the worst that each example showed since the last reset. */
  means(): readonly number[];
  reset(): void;
}

function createGauge(figures: readonly TaskFigure[], size: number): Gauge {
  const worst = figures.map(() => new Float64Array(size).fill(NaN));
  return {
    take(examples, measured) {
      for (const [i, { worse }] of figures.entries()) {
        for (const [row, value] of measured[i]!.entries()) {
          const example = examples?.[row] ?? row;
          const known = worst[i]![example]!;
          if (Number.isNaN(known) || (worse === "larger" ? value > known : value < known)) worst[i]![example] = value;
        }
      }
    },
    means: () => worst.map((values) => values.reduce((sum, value) => sum + value, 0) / size),
    reset: () => worst.forEach((values) => values.fill(NaN)),
  };
}
