import { toModelkeepError } from "../../base/error/index.ts";
import type { ModelkeepError } from "../../base/error/index.ts";
import type { Logger } from "../../base/log/index.ts";
import type { Host } from "./host.ts";

/** The hosts of one model. Dead ones are replaced. */
export interface Pool {
  /** Hosts that are up. */
  readonly live: number;
  /** How many died since the start. */
  readonly losses: number;
  /** False after several deaths in a row without a single run between them; true again after a run. */
  readonly healthy: boolean;
  /** Hosts that have nothing to do. */
  readonly idle: number;
  /** A host that has nothing to do, now busy; undefined when all are. */
  take(): Host | undefined;
  /** Gives a host back after a run that it survived. */
  give(host: Host): void;
  /** Memory of the hosts' processes, bytes; 0 for threads, whose memory is our own. */
  memoryBytes(): number;
  /** Lets hosts finish and end. */
  close(patienceMs: number): Promise<void>;
}

export interface PoolOptions {
  /** Opened hosts to begin with; so many are kept. */
  readonly hosts: readonly Host[];
  /** A new host with the model open. */
  readonly open: () => Promise<Host>;
  /** A host is there to take. */
  readonly onIdle: () => void;
  /** The pool turned unhealthy. */
  readonly onUnhealthy: (last: ModelkeepError) => void;
  readonly log: Logger;
  readonly name: string;
}

/** Deaths in a row after which a model counts as unhealthy. */
export const unhealthyAfter = 5;
const firstBackoffMs = 100;
const lastBackoffMs = 30_000;

export function createPool(options: PoolOptions): Pool {
  const idle: Host[] = [];
  const live = new Set<Host>();
  const timers = new Set<NodeJS.Timeout>();
  let inARow = 0;
  let losses = 0;
  let closed = false;

  function adopt(host: Host): void {
    live.add(host);
    idle.push(host);
    void host.lost.then((error) => onLost(host, error));
  }

  function onLost(host: Host, error: ModelkeepError): void {
    live.delete(host);
    const at = idle.indexOf(host);
    if (at >= 0) idle.splice(at, 1);
    failed(error, 0);
  }

  /** One death, or the failed start number `tries` of its replacement: the next try comes later each time. */
  function failed(error: ModelkeepError, tries: number): void {
    losses++;
    inARow++;
    if (closed) return;
    const facts = { model: options.name, code: error.code, reason: error.message, inARow, cause: String(error.cause ?? "") };
    options.log.warn("a model's worker died", facts);
    if (inARow === unhealthyAfter) {
      options.log.error("a model is unhealthy: its workers die one after another", facts);
      options.onUnhealthy(error);
    }
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        void replace(tries + 1);
      },
      backoffMs(Math.max(inARow, tries + 1)),
    );
    timers.add(timer);
  }

  async function replace(tries: number): Promise<void> {
    try {
      const host = await options.open();
      if (closed) return void host.kill();
      adopt(host);
      options.onIdle();
    } catch (error) {
      failed(toModelkeepError(error), tries);
    }
  }

  for (const host of options.hosts) adopt(host);
  return {
    get live() {
      return live.size;
    },
    get idle() {
      return idle.length;
    },
    get losses() {
      return losses;
    },
    get healthy() {
      return inARow < unhealthyAfter;
    },
    take: () => idle.pop(),
    give(host) {
      if (host.isLost || !live.has(host)) return;
      inARow = 0;
      idle.push(host);
    },
    memoryBytes: () => [...live].reduce((sum, host) => sum + (host.memoryBytes() ?? 0), 0),
    async close(patienceMs) {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([...live].map((host) => host.close(patienceMs)));
      live.clear();
      idle.length = 0;
    },
  };
}

const backoffMs = (inARow: number): number => (inARow === 1 ? 0 : Math.min(lastBackoffMs, firstBackoffMs * 2 ** (inARow - 2)));
