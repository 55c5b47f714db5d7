import { formatAddress, networkContains, parseNetwork } from "../../../base/net/index.ts";
import type { IpAddress } from "../../../base/net/index.ts";
import type { CanManageKeys } from "../keys/last-admin.ts";
import type { PolicySet } from "./compile.ts";
import { evaluate } from "./decider.ts";
import { placesOf } from "./entities.ts";
import type { PreparedSets } from "./evaluate.ts";
import { sliceOf } from "./slices.ts";
import type { Slice } from "./slices.ts";

const hourMs = 3_600_000;
const weekHours = 168;

// Everything, and what Cedar can tell apart without a literal: isIpv4, isIpv6, isLoopback, isMulticast.
const always = ["0.0.0.0/0", "::/0", "127.0.0.0/8", "::1", "224.0.0.0/4", "ff00::/8"];

/**
 * Whether a policy set lets a caller manage keys from some address that its key holds from, now or, where policies look at the
 * time, at some hour of the coming week. Of addresses the first in each network that the policies or the key name are tried, and the
 * first behind it: these networks cut all addresses into runs that no policy can tell apart, and each run starts at one of these.
 */
export function canManageKeys(prepared: PreparedSets, set: PolicySet, nowMs: number): CanManageKeys {
  const resource = { type: "service" } as const;
  return (caller, networks) => {
    const slice = sliceOf(set, placesOf(caller, "manageKeys", resource, set.groups));
    if (!slice.policies.some((policy) => policy.effect === "permit")) return false;
    const addresses = probes(slice, networks);
    const hours = Array.from({ length: slice.usesTime ? weekHours + 1 : 1 }, (_, hour) => nowMs + hour * hourMs);
    return hours.some((timeMs) =>
      addresses.some((address) => {
        const question = { caller, action: "manageKeys", resource, address, timeMs } as const;
        return evaluate(prepared, set, slice, question).allowed;
      }),
    );
  };
}

function probes(slice: Slice, networks: readonly string[] | null): string[] {
  const literals = slice.policies.flatMap(({ mentions }) => [...mentions.addresses]);
  const starts = [...always, ...literals, ...(networks ?? [])].flatMap(edges);
  const allowed = (networks ?? ["0.0.0.0/0", "::/0"]).map(parseNetwork);
  const distinct = new Map(starts.map((address) => [formatAddress(address), address]));
  return [...distinct]
    .filter(([, address]) => allowed.some((network) => networkContains(network, address)))
    .map(([text]) => text);
}

/** The first address of a network and the first behind it. */
function edges(text: string): IpAddress[] {
  let network;
  try {
    network = parseNetwork(text);
  } catch {
    return []; // Cedar reads a few forms that we refuse; such a literal marks no edge
  }
  const first = { family: network.family, bytes: network.bytes };
  const bytes = network.bytes.slice();
  for (let bit = network.prefix - 1; bit >= 0; bit--) {
    // Adding one at the last bit of the prefix: flip zeros to one and stop, ones to zero and carry.
    const mask = 0x80 >> (bit & 7);
    bytes[bit >> 3]! ^= mask;
    if ((bytes[bit >> 3]! & mask) !== 0) return [first, { family: network.family, bytes }];
  }
  return [first]; // it reaches to the last address
}
