import { ModelkeepError, quote } from "../../base/error/index.ts";
import type { Logger, Meter } from "../../base/log/index.ts";
import type { Clock } from "../../base/port/index.ts";
import type { FirewallConfig } from "./config.ts";
import { createLocalCounters } from "./counters.ts";
import type {} from "./errors.ts";
import { createRedisCounters, type RedisCounters } from "./redis-counters.ts";

export interface SharedCountersOptions {
  /** `redis://…` or `rediss://…`, read from the reference in `firewall.shared.url`. */
  readonly url: string;
  readonly config: NonNullable<FirewallConfig["shared"]>;
  readonly maxBuckets?: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly meter: Meter;
}

/** Commands wait no longer than this: what they carry is dropped, see `redis-counters.ts`. */
const commandTimeoutMs = 1000;

/**
 * Counters shared through Redis or Valkey. Closing them closes the connection.
 * @throws `firewall/counters-unreachable` when the server does not answer at the start; later failures are lived with
 */
export async function openSharedCounters({ url, config, maxBuckets, ...ports }: SharedCountersOptions): Promise<RedisCounters> {
  const { Redis } = await import("ioredis");
  const client = new Redis(url, {
    lazyConnect: true,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
  });
  // Every failed command is handled where it was sent; without a listener ioredis prints to the console.
  client.on("error", () => {});
  try {
    await client.connect();
    await client.ping();
  } catch (cause) {
    client.disconnect();
    throw new ModelkeepError("firewall/counters-unreachable", {
      message: `the shared counters do not answer: ${quote((cause as Error).message)}`,
      hint: "check the URL behind firewall.shared.url, or take firewall.shared out to count in each replica",
      cause,
    });
  }
  const local = createLocalCounters({ clock: ports.clock, ...(maxBuckets === undefined ? {} : { maxBuckets }) });
  const counters = createRedisCounters({ client, local, ...config, ...ports });
  return {
    ...counters,
    get size() {
      return counters.size;
    },
    async close() {
      await counters.close();
      client.disconnect();
    },
  };
}
