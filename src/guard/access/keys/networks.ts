import { formatNetwork, networkContains, parseNetwork, tryParseAddress } from "../../../base/net/index.ts";

/** The networks that a key holds from. */
export interface Networks {
  /** Whether an address (canonical form) lies inside. What is not an address lies nowhere. */
  contain(address: string): boolean;
}

const anywhere: Networks = { contain: () => true };

/**
 * CIDR blocks in canonical form, sorted, without doubles.
 *
 * @throws `net/bad-network`
 */
export function checkNetworks(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text) => formatNetwork(parseNetwork(text.trim()))))].sort();
}

/** Null: anywhere. An empty list: nowhere. */
export function networksOf(blocks: readonly string[] | null): Networks {
  if (blocks === null) return anywhere;
  const networks = blocks.map(parseNetwork);
  // A client sends many requests from one address, so the last answer is nearly always the next one.
  let lastAddress: string | undefined;
  let lastAnswer = false;
  return {
    contain(address) {
      if (address !== lastAddress) {
        const parsed = tryParseAddress(address);
        lastAnswer = parsed !== undefined && networks.some((network) => networkContains(network, parsed));
        lastAddress = address;
      }
      return lastAnswer;
    },
  };
}
