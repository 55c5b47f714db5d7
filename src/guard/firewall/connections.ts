/** Connections open at once: from each address, and in all. */
import type { Client } from "./clients.ts";
import type { FirewallConfig } from "./config.ts";

export interface Connections {
  readonly open: number;
  /** Takes a place, or says why there is none. `counted` is false for trusted proxies, who carry many clients' connections. */
  take(client: Client, counted: boolean, known: boolean): { release(): void } | { full: string };
}

/** What is kept back for addresses where a client is known, so that strangers cannot take every place. */
const reservedShare = 1 / 10;

export function createConnections({
  total,
  perAddress,
}: Pick<FirewallConfig["connections"], "total" | "perAddress">): Connections {
  const each = new Map<string, number>();
  let open = 0;

  return {
    get open() {
      return open;
    },
    take({ key }, counted, known) {
      if (open >= (known || !counted ? total : Math.ceil(total * (1 - reservedShare))))
        return { full: "the service has no place for another connection" };
      const mine = each.get(key) ?? 0;
      if (counted && mine >= perAddress) return { full: `this address already holds ${perAddress} connections` };
      open++;
      if (counted) each.set(key, mine + 1);
      let held = true;
      return {
        release() {
          if (!held) return;
          held = false;
          open--;
          if (!counted) return;
          const left = each.get(key)! - 1;
          if (left > 0) each.set(key, left);
          else each.delete(key);
        },
      };
    },
  };
}
