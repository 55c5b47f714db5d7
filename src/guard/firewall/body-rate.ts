/**
 * Whether a body arrives fast enough. It may fall behind `minBytesPerSecond` by at most `graceMs`, and what came early is not
 * saved up: a client that sends a megabyte at once and then one byte a minute holds its connection no longer than another.
 */
export interface BodyRate {
  received(bytes: number, nowMs: number): void;
  /** When the body is late unless more of it comes; Infinity without a minimum. */
  readonly lateAtMs: number;
}

export interface BodyRateOptions {
  readonly minBytesPerSecond: number;
  readonly graceMs: number;
}

/** @param startMs on the monotonic clock, as all times here */
export function createBodyRate({ minBytesPerSecond, graceMs }: BodyRateOptions, startMs: number): BodyRate {
  let lateAtMs = minBytesPerSecond > 0 ? startMs + graceMs : Infinity;
  return {
    received(bytes, nowMs) {
      if (minBytesPerSecond <= 0) return;
      lateAtMs = Math.min(lateAtMs + (bytes * 1000) / minBytesPerSecond, nowMs + graceMs);
    },
    get lateAtMs() {
      return lateAtMs;
    },
  };
}
