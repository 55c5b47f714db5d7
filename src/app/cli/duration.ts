import { ModelkeepError, quote } from "../../base/error/index.ts";
import type {} from "./errors.ts";

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * `90d`, `12h`, `1h30m`, `500ms` as milliseconds.
 *
 * @throws `cli/usage`
 */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h|d|w)/g)];
  const whole = parts.map(([part]) => part).join("");
  const totalMs = parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitMs[unit!]!, 0);
  if (whole === text && totalMs > 0 && totalMs <= 100 * 365 * unitMs["d"]!) return totalMs;
  throw new ModelkeepError("cli/usage", {
    message: `${quote(text)} is no length of time`,
    hint: "for example 90d, 12h, 1h30m, 45s; at most 100 years",
    exit: 4,
  });
}

/**
 * A moment: ISO 8601, or a length of time before now (`24h`). Milliseconds since the epoch.
 *
 * @throws `cli/usage`
 */
export function parseMoment(text: string, nowMs: number): number {
  const absolute = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(absolute) ? nowMs - parseDuration(text) : absolute;
}
