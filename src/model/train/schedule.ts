/** How the learning rate moves over the steps of training. */
import { ModelkeepError } from "../../base/error/index.ts";
import type {} from "./errors.ts";

/**
 * `constant` · `step`: a tenth after each third · `cosine`: half a wave down to 0 (Loshchilov and Hutter 2017, arXiv:1608.03983, without
 * restarts) · `linear` down to 0 · `one-cycle`: up for three tenths, then down to nothing (Smith and Topin 2019, arXiv:1708.07120, with PyTorch's
 * cosine form and its 25 and 10⁴).
 */
export const scheduleNames = ["constant", "step", "cosine", "linear", "one-cycle"] as const;
export type ScheduleName = (typeof scheduleNames)[number];

/** What a schedule is given. */
export interface ScheduleOptions {
  readonly schedule: ScheduleName;
  readonly lr: number;
  /** Steps of all training. */
  readonly steps: number;
  /** Of them, those that rise from nothing to `lr`. */
  readonly warmup: number;
}

/** Half a cosine wave from a to b as t goes from 0 to 1. */
const wave = (a: number, b: number, t: number): number => b + ((a - b) / 2) * (1 + Math.cos(Math.PI * t));

/** Learning rate as a factor of its peak, at a step of so many. */
const shapes: Readonly<Record<ScheduleName, (step: number, steps: number) => number>> = {
  constant: () => 1,
  step: (step, steps) => 10 ** -Math.min(2, Math.floor((3 * step) / steps)),
  cosine: (step, steps) => wave(1, 0, step / steps),
  linear: (step, steps) => 1 - step / steps,
  "one-cycle"(step, steps) {
    const top = 0.3 * steps - 1;
    if (step <= top) return wave(1 / 25, 1, step / top);
    return wave(1, 1 / (25 * 1e4), (step - top) / Math.max(1, steps - 1 - top));
  },
};

/**
 * The learning rate at a step, counted from 0. Steps past the last have the last one's.
 * @throws train/bad-option for an unknown schedule
 * @example
 * learningRate({ schedule: "cosine", lr: 0.1, steps: 100, warmup: 10 }, 55); // 0.05
 */
export function learningRate({ schedule, lr, steps, warmup }: ScheduleOptions, step: number): number {
  if (!Object.hasOwn(shapes, schedule)) {
    throw new ModelkeepError("train/bad-option", {
      message: `there is no schedule \`${schedule}\``,
      hint: `schedules: ${scheduleNames.join(", ")}`,
      exit: 4,
      status: 400,
    });
  }
  if (step < warmup) return (lr * (step + 1)) / warmup;
  const rest = Math.max(1, steps - warmup);
  return lr * shapes[schedule](Math.min(rest, step - warmup), rest);
}
