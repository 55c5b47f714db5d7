import { ModelkeepError } from "../../../base/error/index.ts";
import { createBodyRate, type BodyRate, type BodyRateOptions } from "../../firewall/index.ts";
import type {} from "../errors.ts";
import type { Exchange } from "./exchange.ts";

/** Ends the reading of bodies that trickle in (slow POST): a connection must not be held for nothing. */
export interface Pace {
  /** Watches the body of `exchange` until the returned function is called. */
  watch(exchange: Exchange): () => void;
  close(): void;
}

interface Watched {
  readonly rate: BodyRate;
  bytesRead: number;
}

const turnMs = 250;

/** One timer for all bodies: what is read within one of its turns costs two map operations. */
export function createPace(limits: BodyRateOptions): Pace {
  const bodies = new Map<Exchange, Watched>();
  let turnedMs = performance.now();
  let countedMs = 0;
  // While this thread is busy, bytes wait in the kernel: a client is not late because we are. Of a turn that came late, little counts.
  const count = () => countedMs + Math.min(performance.now() - turnedMs, 2 * turnMs);

  const timer = setInterval(() => {
    const nowMs = (countedMs = count());
    turnedMs = performance.now();
    for (const [exchange, watched] of bodies) {
      const { bytesRead } = exchange.request.raw.socket;
      watched.rate.received(bytesRead - watched.bytesRead, nowMs);
      watched.bytesRead = bytesRead;
      if (watched.rate.lateAtMs < nowMs) exchange.fail(tooSlow(limits.minBytesPerSecond));
    }
  }, turnMs);
  timer.unref();

  return {
    watch(exchange) {
      const { bytesRead } = exchange.request.raw.socket;
      bodies.set(exchange, { bytesRead, rate: createBodyRate(limits, count()) });
      return () => void bodies.delete(exchange);
    },
    close: () => clearInterval(timer),
  };
}

function tooSlow(minBytesPerSecond: number): ModelkeepError {
  return new ModelkeepError("gateway/too-slow", {
    message: `the body arrives at less than ${minBytesPerSecond} bytes per second`,
    hint: "send it at once, or over a faster line",
    status: 408,
  });
}
