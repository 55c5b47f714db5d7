/** How long the next automatic ban is: each one in a row longer, and each stretch of good behaviour takes a step back. */
import { createBoundedMap } from "./bounded-map.ts";
import type { PastBan } from "./ban-store.ts";
import type { Ban } from "./face.ts";

export interface Ladder {
  /** The step that a ban set now stands on, from 1, and its end. */
  next(kind: Ban["kind"], target: string, nowMs: number): { level: number; untilMs: number };
  /** An automatic ban that ended. */
  learn(past: PastBan): void;
  /** A ban in force, whoever set it. */
  note(ban: Ban): void;
  forget(kind: Ban["kind"], target: string): void;
}

export interface LadderOptions {
  readonly lengthsSeconds: readonly number[];
  readonly forgetSeconds: number;
  readonly maxTargets: number;
}

export function createLadder({ lengthsSeconds, forgetSeconds, maxTargets }: LadderOptions): Ladder {
  const forgetMs = forgetSeconds * 1000;
  const past = createBoundedMap<PastBan>({
    maxEntries: maxTargets,
    worth: (ban, nowMs) => ban.endedMs + ban.level * forgetMs - nowMs,
  });
  const learn = (ban: PastBan) => past.set(`${ban.kind} ${ban.target}`, ban, ban.endedMs);
  return {
    next(kind, target, nowMs) {
      const last = past.get(`${kind} ${target}`);
      const kept = last ? last.level - Math.floor(Math.max(0, nowMs - last.endedMs) / forgetMs) : 0;
      const level = Math.max(0, kept) + 1;
      const seconds = lengthsSeconds[Math.min(level, lengthsSeconds.length) - 1]!;
      return { level, untilMs: nowMs + seconds * 1000 };
    },
    learn,
    note({ kind, target, level, automatic, untilMs }) {
      if (automatic && untilMs !== null) learn({ kind, target, level, endedMs: untilMs });
    },
    forget: (kind, target) => past.delete(`${kind} ${target}`),
  };
}
