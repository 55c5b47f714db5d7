import {
  formatAddress,
  formatNetwork,
  limitNetwork,
  networkOf,
  parseAddress,
  peerAddress,
  tryParseAddress,
  type IpAddress,
} from "../../base/net/index.ts";

/** An address as the firewall counts it. */
export interface Client {
  readonly ip: IpAddress;
  /** What limits, scores and connection caps count: the IPv4 address, or the IPv6 /64. */
  readonly key: string;
  /** The IPv6 /48 around it, which one site is handed: someone who goes through its /64s is still one client there. */
  readonly siteKey: string | undefined;
}

/** Reading an address costs about a microsecond; clients come back, so the last few thousand are kept. */
const keptClients = 4096;

/** Text of any form a socket gives; what cannot be read is `0.0.0.0`, so that it shares one set of limits. */
export function createClients(): (address: string) => Client {
  const kept = new Map<string, Client>();
  return (address) => {
    const known = kept.get(address);
    if (known) return known;
    if (kept.size >= keptClients) kept.clear();
    const ip = tryParseAddress(address) ?? parseAddress(peerAddress(address));
    const key = ip.family === 4 ? formatAddress(ip) : formatNetwork(limitNetwork(ip));
    const client: Client = { ip, key, siteKey: ip.family === 6 ? formatNetwork(networkOf(ip, 48)) : undefined };
    kept.set(address, client);
    return client;
  };
}
