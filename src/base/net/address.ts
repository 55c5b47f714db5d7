/**
 * IP addresses as bytes. Text comes in by RFC 4291 §2.2 (IPv6) and strict dotted decimal (IPv4), and leaves in the one
 * canonical form of RFC 5952, so that an address can be a map key. What some programs read one way and some another is
 * refused: leading zeros (octal to `inet_aton`), short forms (`10.1`), zone ids (`fe80::1%eth0` means nothing elsewhere).
 */
import { ModelkeepError, quote } from "../error/index.ts";
import type {} from "./errors.ts";

/** INVARIANT: never an IPv4-mapped IPv6 address; those are IPv4, so a client has one address however its socket was opened. */
export interface IpAddress {
  readonly family: 4 | 6;
  /** Network order: 4 or 16 bytes. */
  readonly bytes: Uint8Array;
}

/** The longest text form: eight groups of which the last two are dotted decimal. */
const longestText = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".length;

/**
 * @throws `net/bad-address`
 * @example
 * formatAddress(parseAddress("2001:DB8:0:0::1")); // "2001:db8::1"
 * formatAddress(parseAddress("::ffff:192.0.2.1")); // "192.0.2.1"
 */
export function parseAddress(text: string): IpAddress {
  const address = tryParseAddress(text);
  if (address) return address;
  throw new ModelkeepError("net/bad-address", {
    message: `${quote(text)} is not an IP address: ${complaint(text)}`,
    hint: "write it like 192.0.2.1 or 2001:db8::1",
    status: 400,
    exit: 4,
  });
}

/** The address, or undefined where {@link parseAddress} throws: for text from clients, where bad is ordinary. */
export function tryParseAddress(text: string): IpAddress | undefined {
  if (text.length < 2 || text.length > longestText) return undefined;
  if (!text.includes(":")) {
    const bytes = new Uint8Array(4);
    return readIpv4(text, bytes, 0) ? { family: 4, bytes } : undefined;
  }
  const bytes = readIpv6(text);
  if (!bytes) return undefined;
  return isMapped(bytes) ? { family: 4, bytes: bytes.slice(12) } : { family: 6, bytes };
}

/** The canonical text: dotted decimal, or RFC 5952 (lower case, the first longest run of zero groups as `::`). */
export function formatAddress({ family, bytes }: IpAddress): string {
  if (family === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  const { start, end } = longestZeroRun(bytes);
  let text = "";
  for (let group = 0; group < 8; group++) {
    if (group === start) {
      text += "::";
      group = end - 1;
      continue;
    }
    if (group > 0 && group !== end) text += ":";
    text += ((bytes[2 * group]! << 8) | bytes[2 * group + 1]!).toString(16);
  }
  return text;
}

/**
 * The text in canonical form.
 * @throws `net/bad-address`
 */
export function canonicalAddress(text: string): string {
  return formatAddress(parseAddress(text));
}

/** `::ffff:0:0/96`, RFC 4291 §2.5.5.2. */
function isMapped(bytes: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return false;
  return bytes[10] === 0xff && bytes[11] === 0xff;
}

/** Reads four decimal octets that fill the rest of `text` from `start`. */
function readIpv4(text: string, into: Uint8Array, at: number, start = 0): boolean {
  let octet = 0;
  let digits = 0;
  let value = 0;
  for (let i = start; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 0x2e;
    if (code === 0x2e) {
      if (digits === 0 || octet === 4) return false;
      into[at + octet++] = value;
      digits = value = 0;
    } else {
      if (code < 0x30 || code > 0x39 || (digits > 0 && value === 0)) return false;
      value = value * 10 + code - 0x30;
      if (++digits > 3 || value > 255) return false;
    }
  }
  return octet === 4;
}

function readIpv6(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16);
  let at = 0; // bytes written
  let gap = -1; // where `::` stands, in bytes
  let i = 0;
  if (text.startsWith("::")) {
    gap = 0;
    i = 2;
  }
  while (i < text.length) {
    if (at === 16) return undefined;
    const start = i;
    let group = 0;
    let digit: number;
    while (i < text.length && (digit = hexDigit(text.charCodeAt(i))) >= 0) {
      if (i - start === 4) return undefined;
      group = (group << 4) | digit;
      i++;
    }
    if (text[i] === ".") {
      if (at > 12 || !readIpv4(text, bytes, at, start)) return undefined;
      at += 4;
      break;
    }
    if (i === start) return undefined;
    bytes[at++] = group >> 8;
    bytes[at++] = group & 0xff;
    if (i === text.length) break;
    if (text[i] !== ":" || ++i === text.length) return undefined; // a single colon cannot end an address
    if (text[i] === ":") {
      if (gap >= 0) return undefined;
      gap = at;
      i++;
    }
  }
  if (gap < 0) return at === 16 ? bytes : undefined;
  if (at === 16) return undefined; // `::` stands for at least one group
  bytes.copyWithin(16 - (at - gap), gap, at);
  bytes.fill(0, gap, 16 - (at - gap));
  return bytes;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

/** The first longest run of at least two zero groups (RFC 5952 §4.2), as group numbers; nowhere when there is none. */
function longestZeroRun(bytes: Uint8Array): { start: number; end: number } {
  let best = { start: -1, end: -1 };
  let start = 0;
  for (let group = 0; group < 8; group++) {
    if (bytes[2 * group] !== 0 || bytes[2 * group + 1] !== 0) start = group + 1;
    else if (group + 1 - start > Math.max(1, best.end - best.start)) best = { start, end: group + 1 };
  }
  return best;
}

function complaint(text: string): string {
  if (text.includes("%")) return "zone ids mean nothing outside the machine that wrote them";
  if (text.includes("/")) return "it is a network, one address is wanted here";
  if (/^[\d.]+$/.test(text)) {
    if (/(^|\.)0\d/.test(text)) return "a leading zero is octal to some programs and decimal to others";
    return "four numbers from 0 to 255 with dots between are wanted";
  }
  return text.includes(":")
    ? "eight groups of up to four hex digits are wanted, one run of zeros may be ::"
    : "names are not resolved here";
}
