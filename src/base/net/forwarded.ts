/**
 * Who is the client behind proxies? Each proxy appends the address that it saw to the right of the list, so the list is read
 * from the right, and only for as long as the address that vouches for the next entry belongs to a trusted proxy.
 * Whatever a client writes itself stands further left than what the first trusted proxy wrote about it, and is never reached.
 */
import { formatAddress, tryParseAddress, type IpAddress } from "./address.ts";

/**
 * Which header the trusted proxies write. One, not both: a proxy that appends to `X-Forwarded-For` passes a client's own
 * `Forwarded` through untouched, and the other way round, so believing both lets the client choose.
 */
export type ForwardingHeader = "x-forwarded-for" | "forwarded";

/** The two headers as `node:http` gives them. */
export type ForwardingHeaders = { readonly [Name in ForwardingHeader]?: string | readonly string[] | undefined };

export interface ClientAddressOptions {
  /** Whether the address is a proxy whose word is taken. */
  readonly trusts: (address: IpAddress) => boolean;
  readonly header: ForwardingHeader;
}

/**
 * The rightmost address that no trusted proxy owns. A hop that cannot be read (malformed, `unknown`, obfuscated) ends the
 * trust: the answer is then the proxy that wrote it.
 *
 * @example
 * const trusts = (address: IpAddress) => networkContains(parseNetwork("10.0.0.0/8"), address);
 * clientAddress(parseAddress("10.0.0.1"), { "x-forwarded-for": "6.6.6.6, 192.0.2.7" }, { trusts, header: "x-forwarded-for" }); // 192.0.2.7
 */
export function clientAddress(peer: IpAddress, headers: ForwardingHeaders, { trusts, header }: ClientAddressOptions): IpAddress {
  const value = headers[header];
  if (value === undefined || !trusts(peer)) return peer;
  const readHop = header === "forwarded" ? readForwardedElement : readNode;
  let client = peer;
  for (const hop of elementsFromRight(typeof value === "string" ? value : value.join(","))) {
    const address = readHop(hop);
    if (!address) return client;
    client = address;
    if (!trusts(client)) return client;
  }
  return client;
}

/**
 * The elements of a comma list, last first. Commas inside quoted strings (RFC 9110 §5.6.4) do not part. Reading from the right
 * matters for quotes too: a client that opens one and never closes it would, read from the left, swallow what the proxy appended.
 */
function* elementsFromRight(list: string): Iterable<string> {
  let end = list.length;
  let quoted = false;
  for (let i = list.length - 1; i >= 0; i--) {
    const char = list[i];
    if (char === '"' && !(quoted && isEscaped(list, i))) quoted = !quoted;
    else if (char === "," && !quoted) {
      yield list.slice(i + 1, end);
      end = i;
    }
  }
  yield list.slice(0, end);
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (at - slashes > 0 && text[at - slashes - 1] === "\\") slashes++;
  return slashes % 2 === 1;
}

/** `token = ( token / quoted-string )`, RFC 7239 §4. The quoted form of a node needs no escapes, so none are accepted. */
const pair = /^[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+)=(?:([!#$%&'*+.^_`|~0-9a-z-]+)|"([^"\\]*)")[ \t]*$/i;

/** The `for` node of one `forwarded-element`. RFC 7239 §4: each parameter at most once. */
function readForwardedElement(element: string): IpAddress | undefined {
  const values = new Map<string, string>();
  for (const part of element.split(";")) {
    const match = pair.exec(part);
    if (!match) return undefined;
    const name = match[1]!.toLowerCase();
    if (values.has(name)) return undefined;
    values.set(name, match[2] ?? match[3]!);
  }
  const node = values.get("for");
  // RFC 7239 §6: an IPv6 address is always in brackets (and so always quoted); §6.3 obfuscated names and `unknown` are no addresses.
  return node === undefined || (node.includes(":") && node.split(":").length > 2 && !node.startsWith("["))
    ? undefined
    : readNode(node);
}

/** An address, with or without brackets and port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`. */
function readNode(text: string): IpAddress | undefined {
  const node = text.replace(/^[ \t]+|[ \t]+$/g, "");
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(node);
  if (bracketed) return bracketed[1]!.includes(":") ? tryParseAddress(bracketed[1]!) : undefined;
  return tryParseAddress(node.replace(/^([\d.]+):\d{1,5}$/, "$1"));
}

/**
 * A socket's own idea of its peer in canonical form: the zone id that the kernel adds to link-local addresses is dropped. A
 * socket that is already gone has none and counts as `0.0.0.0`, which no sensible allow list contains.
 */
export function peerAddress(remote: string | undefined): string {
  const address = tryParseAddress((remote ?? "").replace(/%.*$/s, ""));
  return address ? formatAddress(address) : "0.0.0.0";
}
