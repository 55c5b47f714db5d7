/** Networks in CIDR form, RFC 4632 §3.1 and RFC 4291 §2.3. */
import { ModelkeepError, quote } from "../error/index.ts";
import type {} from "./errors.ts";
import { formatAddress, tryParseAddress, type IpAddress } from "./address.ts";

/** INVARIANT: every bit behind the prefix is zero. */
export interface IpNetwork extends IpAddress {
  /** Length of the prefix in bits: 0 to 32, or 0 to 128. */
  readonly prefix: number;
}

/**
 * A network, or one address, which is a network of its own. `0.0.0.0/0` is all of IPv4 and `::/0` all of IPv6: neither
 * covers the other, and IPv4-mapped networks (`::ffff:10.0.0.0/104`) are the IPv4 networks they map.
 *
 * @throws `net/bad-network`, with the corrected network in the hint where bits are set behind the prefix
 * @example
 * formatNetwork(parseNetwork("10.0.0.0/8")); // "10.0.0.0/8"
 * formatNetwork(parseNetwork("2001:db8::1")); // "2001:db8::1/128"
 */
export function parseNetwork(text: string): IpNetwork {
  const slash = text.indexOf("/");
  const address = tryParseAddress(slash < 0 ? text : text.slice(0, slash));
  if (!address)
    throw badNetwork(text, "the part before the slash is not an IP address", "write it like 10.0.0.0/8 or 2001:db8::/32");
  const bits = address.bytes.length * 8;
  if (slash < 0) return { ...address, prefix: bits };

  const prefix = readPrefix(text.slice(slash + 1), isMappedText(text, address) ? 96 : 0, bits);
  if (prefix === undefined)
    throw badNetwork(text, `the prefix must be a whole number up to ${bits}`, `for one address leave it out, or write /${bits}`);
  const network = networkOf(address, prefix);
  if (commonBits(network.bytes, address.bytes) < bits) {
    const corrected = formatNetwork(network);
    throw badNetwork(
      text,
      "bits are set behind the prefix",
      `for the whole network write ${corrected}, for one address ${formatAddress(address)}/${bits}`,
    );
  }
  return network;
}

/** The network of that prefix length around an address. */
export function networkOf({ family, bytes }: IpAddress, prefix: number): IpNetwork {
  const masked = bytes.slice();
  const whole = prefix >> 3;
  if (whole < masked.length) {
    masked[whole] = masked[whole]! & (0xff00 >> (prefix & 7));
    masked.fill(0, whole + 1);
  }
  return { family, bytes: masked, prefix };
}

/** The canonical text, always with its prefix length. */
export function formatNetwork(network: IpNetwork): string {
  return `${formatAddress(network)}/${network.prefix}`;
}

/** Whether the address, or the whole of the other network, lies inside. */
export function networkContains(network: IpNetwork, other: IpAddress | IpNetwork): boolean {
  if (network.family !== other.family) return false;
  if ("prefix" in other && other.prefix < network.prefix) return false;
  return commonBits(network.bytes, other.bytes) >= network.prefix;
}

/**
 * What a limit counts: an IPv4 address, or the /64 of an IPv6 address. One household or machine is handed at least a /64
 * (RFC 6177 §2, RFC 7934 §6), so counting single IPv6 addresses would hand each visitor 2^64 fresh allowances.
 */
export function limitNetwork(address: IpAddress): IpNetwork {
  return networkOf(address, address.family === 4 ? 32 : 64);
}

/**
 * {@link limitNetwork} as a map key: `192.0.2.1`, `2001:db8::/64`. Text that is no address is its own key.
 * @example
 * limitKey("2001:db8::1:2:3:4"); // "2001:db8::/64"
 */
export function limitKey(address: string): string {
  if (!address.includes(":")) return address;
  const parsed = tryParseAddress(address);
  if (!parsed) return address;
  return parsed.family === 4 ? formatAddress(parsed) : formatNetwork(limitNetwork(parsed));
}

/** How many leading bits two addresses of one family share. */
export function commonBits(a: Uint8Array, b: Uint8Array, fromByte = 0): number {
  for (let i = fromByte; i < a.length; i++) {
    const difference = a[i]! ^ b[i]!;
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24;
  }
  return a.length * 8;
}

function readPrefix(digits: string, offset: number, bits: number): number | undefined {
  if (!/^(0|[1-9]\d{0,2})$/.test(digits)) return undefined;
  const prefix = Number(digits) - offset;
  return prefix >= 0 && prefix <= bits ? prefix : undefined;
}

/** Whether the text wrote an IPv4 address as IPv4-mapped IPv6, so that its prefix counts from 96. */
function isMappedText(text: string, address: IpAddress): boolean {
  return address.family === 4 && text.includes(":");
}

function badNetwork(text: string, reason: string, hint: string): ModelkeepError {
  return new ModelkeepError("net/bad-network", {
    message: `${quote(text)} is not a network: ${reason}`,
    hint,
    status: 400,
    exit: 4,
  });
}
