/** What a person wants to know while a model learns. */
import type { Clock } from "../../../base/port/index.ts";
import type { TrainEvent } from "../../../model/train/index.node.ts";

/** An event, and what a person wants to know while waiting. */
export interface Progress {
  readonly event: TrainEvent;
  /** Examples a second, of late. */
  readonly rate: number;
  readonly etaSeconds: number;
  readonly steps: number;
}

/** Whether a checkpoint is due: after so many steps, or each minute. */
export function dueAfter(
  { every, signal }: { readonly every: number | undefined; readonly signal: AbortSignal | undefined },
  clock: Clock,
): (step: number) => boolean {
  if (every !== undefined) return (step) => step % every === 0 || signal?.aborted === true;
  let last = clock.monotonic();
  return () => {
    if (clock.monotonic() - last < 60_000 && signal?.aborted !== true) return false;
    last = clock.monotonic();
    return true;
  };
}

/** Tells events with how fast it goes and how long it will take. */
export function progress(
  { tell }: { readonly tell?: (progress: Progress) => void },
  batch: number,
  clock: Clock,
): (event: TrainEvent) => void {
  let [steps, first, started] = [0, 0, clock.monotonic()];
  return (event) => {
    if (event.kind === "start") [steps, first, started] = [event.steps, event.step, clock.monotonic()];
    const done = event.kind === "step" ? event.step - first : event.kind === "epoch" ? event.record.step - first : 0;
    const seconds = (clock.monotonic() - started) / 1000;
    const aStep = done === 0 ? 0 : seconds / done;
    tell?.({ event, rate: aStep === 0 ? 0 : batch / aStep, etaSeconds: aStep * (steps - first - done), steps });
  };
}
