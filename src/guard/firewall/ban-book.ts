/** The bans in force, found by address, principal or credential. */
import {
  createNetworkTable,
  formatAddress,
  formatNetwork,
  parseNetwork,
  type IpAddress,
  type IpNetwork,
} from "../../base/net/index.ts";
import type { Ban, BanScope } from "./face.ts";

export interface BanBook {
  readonly size: number;
  put(ban: Ban): void;
  get(id: string): Ban | undefined;
  remove(id: string): Ban | undefined;
  all(): Ban[];
  /** The ban that shuts out everyone (or, asked for strangers, at least them) at this address. */
  at(address: IpAddress, whom: BanScope, nowMs: number): Ban | undefined;
  on(kind: "principal" | "credential", target: string, nowMs: number): Ban | undefined;
}

/** A network as a ban names it: one address without its prefix. */
export function networkTarget(network: IpNetwork): string {
  return network.prefix === network.bytes.length * 8 ? formatAddress(network) : formatNetwork(network);
}

export function inForce({ untilMs }: Ban, nowMs: number): boolean {
  return untilMs === null || untilMs > nowMs;
}

export function createBanBook(): BanBook {
  const byId = new Map<string, Ban>();
  const byTarget = new Map<string, Ban[]>();
  const networks = createNetworkTable<Ban[]>();
  const keyOf = ({ kind, target }: Pick<Ban, "kind" | "target">) => `${kind} ${target}`;

  function place(key: string, ban: Ban, bans: Ban[]): void {
    if (bans.length > 0) byTarget.set(key, bans);
    else byTarget.delete(key);
    if (ban.kind !== "network") return;
    const network = parseNetwork(ban.target);
    if (bans.length > 0) networks.set(network, bans);
    else networks.delete(network);
  }

  return {
    get size() {
      return byId.size;
    },
    put(ban) {
      const key = keyOf(ban);
      byId.set(ban.id, ban);
      place(key, ban, [...(byTarget.get(key) ?? []).filter(({ id }) => id !== ban.id), ban]);
    },
    get: (id) => byId.get(id),
    remove(id) {
      const ban = byId.get(id);
      if (!ban) return undefined;
      byId.delete(id);
      const key = keyOf(ban);
      place(
        key,
        ban,
        byTarget.get(key)!.filter((other) => other.id !== id),
      );
      return ban;
    },
    all: () => [...byId.values()],
    at(address, whom, nowMs) {
      if (networks.size === 0) return undefined;
      const counts = (ban: Ban) => (whom === "strangers" || ban.scope === "everyone") && inForce(ban, nowMs);
      return networks.match(address, (bans) => bans.some(counts))?.value.find(counts);
    },
    on: (kind, target, nowMs) => byTarget.get(`${kind} ${target}`)?.find((ban) => inForce(ban, nowMs)),
  };
}
