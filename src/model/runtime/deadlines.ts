import type { Clock } from "../../base/port/index.ts";

/** Something that must end by a time. */
export interface Timed {
  /** On the monotonic clock; infinite when there is none. */
  readonly deadlineMs: number;
}

/** Watches many deadlines with one timer. */
export interface Deadlines<T extends Timed> {
  readonly size: number;
  add(item: T): void;
  remove(item: T): void;
  /** Everything that is watched. */
  all(): T[];
  close(): void;
}

/** Deadlines are met this closely; the timer never comes more often. */
const grainMs = 5;

/** @param expire called once for each item whose time is up, after it was removed */
export function createDeadlines<T extends Timed>(clock: Clock, expire: (item: T) => void): Deadlines<T> {
  const items = new Set<T>();
  let timer: NodeJS.Timeout | undefined;
  let timerAtMs = Number.POSITIVE_INFINITY;

  function arm(atMs: number): void {
    if (atMs >= timerAtMs - grainMs || atMs === Number.POSITIVE_INFINITY) return;
    clearTimeout(timer);
    timerAtMs = atMs;
    // A timer of Node counts to 2^31 − 1 ms; one that comes early arms itself again.
    timer = setTimeout(sweep, Math.min(Math.max(grainMs, atMs - clock.monotonic()), 2 ** 31 - 1));
    timer.unref?.();
  }

  function sweep(): void {
    timerAtMs = Number.POSITIVE_INFINITY;
    const now = clock.monotonic();
    let next = Number.POSITIVE_INFINITY;
    for (const item of items) {
      if (item.deadlineMs > now) {
        next = Math.min(next, item.deadlineMs);
        continue;
      }
      items.delete(item);
      expire(item);
    }
    arm(next);
  }

  return {
    get size() {
      return items.size;
    },
    add(item) {
      items.add(item);
      arm(item.deadlineMs);
    },
    remove: (item) => void items.delete(item),
    all: () => [...items],
    close() {
      clearTimeout(timer);
      items.clear();
    },
  };
}
