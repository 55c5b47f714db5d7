/**
 * Waiting a little so that more requests share a run. Two things make it pay only sometimes: it delays those who are there already,
 * and when nobody else comes it was for nothing. So a free worker waits at most half as long as a run takes, only while requests
 * arrive so fast that at least two more rows are to be expected, and a wait that gained nothing is not repeated for a while, twice
 * as long each time.
 */
export interface Gather {
  /** Rows came in. */
  arrived(rows: number, nowMs: number): void;
  /** How long a free worker should wait before it runs what is there; 0 means go. */
  waitMs(runMs: number): number;
  /** What the last wait brought. */
  ended(gainedRows: number): void;
}

/** Node's timers count whole milliseconds. A shorter wait is had for free: requests read in one turn of the event loop go together. */
const shortestMs = 1;
const longestPause = 1024;

/** @param maxDelayMs the longest wait; 0 never waits */
export function createGather(maxDelayMs: number): Gather {
  let lastMs = Number.NEGATIVE_INFINITY;
  let gapMs = Number.POSITIVE_INFINITY;
  let pause = 0;
  let nextPause = 1;
  return {
    arrived(rows, nowMs) {
      const gap = (nowMs - lastMs) / rows;
      lastMs = nowMs;
      gapMs = Number.isFinite(gapMs) ? gapMs + 0.1 * (gap - gapMs) : gap;
    },
    waitMs(runMs) {
      const wait = Math.min(maxDelayMs, runMs / 2);
      if (wait < shortestMs || wait < 2 * gapMs) return 0;
      if (pause > 0) {
        pause--;
        return 0;
      }
      return wait;
    },
    ended(gainedRows) {
      if (gainedRows > 0) {
        nextPause = 1;
        return;
      }
      pause = nextPause;
      nextPause = Math.min(longestPause, nextPause * 2);
    },
  };
}
