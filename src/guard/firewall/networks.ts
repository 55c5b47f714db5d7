import { createNetworkTable, formatNetwork, parseNetwork, type IpAddress } from "../../base/net/index.ts";

/** A fixed list of networks. */
export interface Networks {
  readonly size: number;
  /** The longest listed network around the address, as text. */
  around(address: IpAddress): string | undefined;
}

/** @throws `net/bad-network` */
export function createNetworks(list: readonly string[]): Networks {
  const table = createNetworkTable<string>();
  for (const text of list) {
    const network = parseNetwork(text);
    table.set(network, formatNetwork(network));
  }
  return { size: table.size, around: (address) => table.match(address)?.value };
}
