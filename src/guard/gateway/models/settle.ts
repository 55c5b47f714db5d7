import { keyOf } from "./scan.ts";

interface Stamped {
  readonly name: string;
  readonly version: string;
  readonly stamp: string;
}

/** Tells a file that is whole from one that is still being written: it has kept its stamp for the settling time. */
export interface Settling {
  /** Those of `all` whose stamp has not changed for the settling time. What is not in `all` is forgotten. */
  settled<T extends Stamped>(all: readonly T[], nowMs: number): T[];
}

export function createSettling(settleMs: number): Settling {
  let seen = new Map<string, { stamp: string; sinceMs: number }>();
  return {
    settled(all, nowMs) {
      const before = seen;
      seen = new Map();
      return all.filter((one) => {
        const last = before.get(keyOf(one));
        const sinceMs = last?.stamp === one.stamp ? last.sinceMs : nowMs;
        seen.set(keyOf(one), { stamp: one.stamp, sinceMs });
        return nowMs - sinceMs >= settleMs;
      });
    },
  };
}
