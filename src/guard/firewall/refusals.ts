import type { Meter } from "../../base/log/index.ts";
import type { Clock } from "../../base/port/index.ts";
import type { Short } from "./counters.ts";
import type { Ban, Refusal } from "./face.ts";
import { describeLimit, scopeOf } from "./limits.ts";

/** Words refusals, and counts them. */
export interface Refusals {
  blocked(): Refusal;
  banned(ban: Ban): Refusal;
  limited(short: Short, code?: Refusal["code"]): Refusal;
  full(reason: string): Refusal;
}

/** Connections come and go; a second is soon enough to ask again. */
const fullMs = 1000;

export function createRefusals({ clock, meter }: { clock: Clock; meter: Meter }): Refusals {
  function refuse(refusal: Omit<Refusal, "ok">, scope: string, waitMs = Infinity): Refusal {
    meter.count("modelkeep_firewall_refusals_total", { code: refusal.code, scope });
    const retry = waitMs === Infinity ? {} : { retryAfterMs: waitMs, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
    return { ok: false, ...refusal, ...retry };
  }

  return {
    blocked: () => refuse({ code: "firewall/blocked", reason: "this address may not connect" }, "network"),
    banned({ kind, reason, untilMs, scope }) {
      const hope = kind === "network" && scope === "strangers" ? "; a valid credential still passes" : "";
      const text = `this ${kind === "network" ? "address" : kind} is banned: ${reason}${hope}`;
      return refuse({ code: "firewall/banned", reason: text }, kind, untilMs === null ? Infinity : untilMs - clock.now());
    },
    limited: (short, code = "firewall/limited") =>
      refuse({ code, reason: describeLimit(short) }, scopeOf(short.debit), short.waitMs),
    full: (reason) => refuse({ code: "firewall/too-many-connections", reason }, "connections", fullMs),
  };
}
