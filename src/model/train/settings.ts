/** A recipe with every default filled in: what the training record and a checkpoint's fingerprint hold. */
import { nearest, quote } from "../../base/error/index.ts";
import type { LossName } from "./losses/index.ts";
import { losses } from "./losses/index.ts";
import type { OptimizerName } from "./optimizers/index.ts";
import { optimizers } from "./optimizers/index.ts";
import { badOption } from "./refuse.ts";
import { learningRate, scheduleNames } from "./schedule.ts";
import type { Recipe } from "./types.ts";

/** A complete recipe. Undefined means that it is not done at all. */
export type Settings = Required<Omit<Recipe, "clipNorm" | "clipValue" | "ema" | "patience" | "maxSteps" | "freeze">> & {
  readonly freeze: readonly string[];
  readonly clipNorm: number | undefined;
  readonly clipValue: number | undefined;
  readonly ema: number | undefined;
  readonly patience: number | undefined;
  readonly maxSteps: number | undefined;
};

/** Fills in defaults. @throws train/bad-option */
export function settle(recipe: Recipe, loss: LossName): Settings {
  const optimizer = known(
    "optimizer",
    recipe.optimizer ?? "adamw",
    optimizers.all.map(({ id }) => id),
  ) as OptimizerName;
  const own = optimizers.get(optimizer);
  const settings: Settings = {
    epochs: recipe.epochs,
    batch: recipe.batch ?? 64,
    loss: known(
      "loss",
      recipe.loss ?? loss,
      losses.all.map(({ id }) => id),
    ) as LossName,
    labelSmoothing: recipe.labelSmoothing ?? 0,
    optimizer,
    lr: recipe.lr ?? own.lr,
    momentum: recipe.momentum ?? 0.9,
    nesterov: recipe.nesterov ?? false,
    betas: recipe.betas ?? [0.9, 0.999],
    epsilon: recipe.epsilon ?? 1e-8,
    weightDecay: recipe.weightDecay ?? own.weightDecay,
    schedule: recipe.schedule ?? "constant",
    warmup: recipe.warmup ?? 0,
    clipNorm: recipe.clipNorm,
    clipValue: recipe.clipValue,
    ema: recipe.ema,
    freeze: recipe.freeze ?? [],
    balance: recipe.balance ?? false,
    seed: recipe.seed ?? 0,
    threads: recipe.threads ?? 1,
    patience: recipe.patience,
    maxSteps: recipe.maxSteps,
  };
  for (const [name, check] of Object.entries(ranges)) {
    const value = settings[name as keyof typeof ranges];
    if (value !== undefined && !check.holds(value)) throw badOption(`${name} is ${value}`, `${name} is ${check.says}`);
  }
  known("schedule", settings.schedule, scheduleNames);
  learningRate({ schedule: settings.schedule, lr: settings.lr, steps: 1, warmup: 0 }, 0);
  return settings;
}

interface Range {
  readonly says: string;
  holds(value: number): boolean;
}

const count: Range = { says: "a whole number from 1", holds: (value) => Number.isSafeInteger(value) && value >= 1 };
const countOrNone: Range = { says: "a whole number from 0", holds: (value) => Number.isSafeInteger(value) && value >= 0 };
const positive: Range = { says: "a number above 0", holds: (value) => Number.isFinite(value) && value > 0 };
const fromZero: Range = { says: "a number from 0", holds: (value) => Number.isFinite(value) && value >= 0 };
const share: Range = { says: "from 0 to below 1", holds: (value) => value >= 0 && value < 1 };

const ranges = {
  epochs: count,
  batch: count,
  labelSmoothing: share,
  lr: positive,
  momentum: share,
  epsilon: fromZero,
  weightDecay: fromZero,
  warmup: countOrNone,
  clipNorm: positive,
  clipValue: positive,
  ema: share,
  seed: { says: "a number", holds: Number.isFinite } satisfies Range,
  threads: count,
  patience: count,
  maxSteps: count,
} as const;

function known(what: string, name: string, names: readonly string[]): string {
  if (names.includes(name)) return name;
  const near = nearest(name, names);
  throw badOption(
    `there is no ${what} ${quote(name)}`,
    near === undefined ? `there are ${names.join(", ")}` : `did you mean ${quote(near)}?`,
  );
}
