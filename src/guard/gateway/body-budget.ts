import { ModelkeepError } from "../../base/error/index.ts";
import type {} from "./errors.ts";

/** Memory that the bodies of requests in flight may take together. */
export interface BodyBudget {
  /**
   * Sets memory aside for a body; the returned function gives it back, once.
   *
   * @throws `gateway/too-many-bodies` (503) when the service or this principal has too much in flight
   */
  take(principal: string, bytes: number): () => void;
}

/** One principal may hold this part of the whole, so that nobody locks the others out by uploading slowly. */
const sharePerPrincipal = 1 / 4;

/** A single body always fits: the budget is never smaller than the largest one, nor is a principal's share. */
export function createBodyBudget({
  totalBytes,
  largestBytes,
}: {
  readonly totalBytes: number;
  readonly largestBytes: number;
}): BodyBudget {
  const total = Math.max(totalBytes, largestBytes);
  const share = Math.max(total * sharePerPrincipal, largestBytes);
  const held = new Map<string, number>();
  let all = 0;
  return {
    take(principal, bytes) {
      const own = held.get(principal) ?? 0;
      if (all + bytes > total || own + bytes > share) throw tooMany(own + bytes > share);
      all += bytes;
      held.set(principal, own + bytes);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        all -= bytes;
        const left = held.get(principal)! - bytes;
        if (left === 0) held.delete(principal);
        else held.set(principal, left);
      };
    },
  };
}

function tooMany(isOwn: boolean): ModelkeepError {
  return new ModelkeepError("gateway/too-many-bodies", {
    message: isOwn ? "your requests in flight hold too much memory together" : "requests in flight hold too much memory together",
    hint: isOwn ? "wait for answers before sending more, or send fewer rows at a time" : "send it again after Retry-After",
    status: isOwn ? 429 : 503,
    retryAfterSeconds: 1,
  });
}
