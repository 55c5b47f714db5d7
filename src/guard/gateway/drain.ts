import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** Ending without dropping: what has begun is finished, what comes anew finds the door closed. */
export interface Drain {
  readonly isDraining: boolean;
  /** Counts a request in. */
  begin(): void;
  /** Counts it out. */
  end(): void;
  /** Stops accepting, waits for requests in flight (at most `deadlineMs`), closes every connection. Again: can only shorten the wait. */
  finish(server: Server, deadlineMs: number): Promise<void>;
}

/** Time for answers that are written but not yet sent, and for clients that are still being told no, milliseconds. */
const flushMs = 250;

export function createDrain(): Drain {
  let inFlight = 0;
  let deadline = Infinity;
  let finished: Promise<void> | undefined;

  async function until(isDone: () => boolean, giveUpMs: () => number, server: Server): Promise<void> {
    while (!isDone() && performance.now() < giveUpMs()) {
      server.closeIdleConnections();
      await sleep(10);
    }
  }

  async function finish(server: Server): Promise<void> {
    let isClosed = false;
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        isClosed = true;
        resolve();
      });
    });
    await until(
      () => inFlight === 0,
      () => deadline,
      server,
    );
    const flushBy = performance.now() + flushMs;
    await until(
      () => isClosed,
      () => Math.min(deadline, flushBy),
      server,
    );
    server.closeAllConnections();
    await closed;
  }

  return {
    get isDraining() {
      return finished !== undefined;
    },
    begin: () => void inFlight++,
    end: () => void inFlight--,
    finish(server, deadlineMs) {
      deadline = Math.min(deadline, performance.now() + deadlineMs);
      return (finished ??= finish(server));
    },
  };
}
