/**
 * PROXY protocol version 2 (haproxy.org, `doc/proxy-protocol.txt` §2.2): what a load balancer writes before the first byte of
 * a connection to say who is behind it. Version 1 is text that an HTTP client could forge by accident of parsing; it is refused.
 */
import { ModelkeepError } from "../error/index.ts";
import type {} from "./errors.ts";
import { crc32c } from "./crc32c.ts";
import { formatAddress, tryParseAddress, type IpAddress } from "./address.ts";

/** One end of a connection; the address is canonical text. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** `local`: the proxy speaks for itself (health checks) or cannot say; the connection's own addresses count. */
export type ProxyHeader =
  | { readonly command: "local" }
  | { readonly command: "proxy"; readonly source: Endpoint; readonly destination: Endpoint };

export interface ProxyHeaderReader {
  /**
   * Takes the next bytes of the connection. Undefined while the header is incomplete; then the header, and the bytes behind
   * it, which belong to the conversation. The reader is then spent.
   * @throws `net/bad-proxy-header` at the first byte that cannot belong to one
   */
  push(chunk: Uint8Array): { readonly header: ProxyHeader; readonly rest: Uint8Array } | undefined;
}

const signature = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
const fixedBytes = 16;
const crcType = 0x03; // PP2_TYPE_CRC32C

/** Bytes of addresses for each family and transport (§2.2); undefined ones are refused. UDP cannot arrive on a TCP listener. */
const addressBytes = new Map([
  [0x00, 0], // unspecified
  [0x11, 12], // TCP over IPv4
  [0x21, 36], // TCP over IPv6
  [0x31, 216], // UNIX stream: two paths, no address of the kind we know
]);

/**
 * @param limits `maxBytes`: longest header taken, addresses and TLVs together; the protocol itself allows 65,551
 * @example
 * const reader = createProxyHeaderReader();
 * socket.on("data", (chunk) => { const done = reader.push(chunk); });
 */
export function createProxyHeaderReader({ maxBytes = 4096 }: { maxBytes?: number } = {}): ProxyHeaderReader {
  const buffer = new Uint8Array(maxBytes);
  let filled = 0;
  let wanted = fixedBytes;

  return {
    push(chunk) {
      let used = 0;
      for (;;) {
        const step = Math.min(wanted - filled, chunk.length - used);
        buffer.set(chunk.subarray(used, used + step), filled);
        filled += step;
        used += step;
        checkSignature(buffer, filled);
        if (filled < wanted) return undefined;
        if (wanted > fixedBytes || totalBytes(buffer) === fixedBytes) break;
        wanted = totalBytes(buffer);
        if (wanted > maxBytes) throw bad(`it says ${wanted} bytes, the limit is ${maxBytes}`);
      }
      return { header: readHeader(buffer.subarray(0, filled)), rest: chunk.subarray(used) };
    },
  };
}

function checkSignature(buffer: Uint8Array, filled: number): void {
  for (let i = 0; i < Math.min(filled, signature.length); i++) {
    if (buffer[i] === signature[i]) continue;
    const isText = new TextDecoder("latin1").decode(buffer.subarray(0, Math.min(filled, 5))) === "PROXY";
    throw bad(isText || (i === 0 && buffer[0] === 0x50) ? "version 1 (text) is not spoken here" : "the signature is missing");
  }
}

function totalBytes(buffer: Uint8Array): number {
  return fixedBytes + ((buffer[14]! << 8) | buffer[15]!);
}

function readHeader(bytes: Uint8Array): ProxyHeader {
  const version = bytes[12]! >> 4;
  const command = bytes[12]! & 0x0f;
  if (version !== 2) throw bad(`version ${version} is unknown`);
  if (command > 1) throw bad(`command ${command} is unknown`);
  if (command === 0) return { command: "local" }; // §2.2: whatever else stands in it is to be discarded

  const family = bytes[13]!;
  const size = addressBytes.get(family);
  if (size === undefined) throw bad(`address family 0x${family.toString(16).padStart(2, "0")} cannot arrive here`);
  if (fixedBytes + size > bytes.length) throw bad("it is too short for its addresses");
  checkExtensions(bytes, fixedBytes + size);
  if (family === 0x11) return readEndpoints(bytes, 4);
  return family === 0x21 ? readEndpoints(bytes, 16) : { command: "local" };
}

function readEndpoints(bytes: Uint8Array, width: 4 | 16): ProxyHeader {
  const at = fixedBytes;
  const ports = at + 2 * width;
  const port = (offset: number) => (bytes[offset]! << 8) | bytes[offset + 1]!;
  return {
    command: "proxy",
    source: { address: textOf(bytes.slice(at, at + width)), port: port(ports) },
    destination: { address: textOf(bytes.slice(at + width, ports)), port: port(ports + 2) },
  };
}

/** Through the text form, so that an IPv4-mapped address becomes IPv4 here as everywhere. */
function textOf(bytes: Uint8Array): string {
  const address: IpAddress = { family: bytes.length === 4 ? 4 : 6, bytes };
  return formatAddress(tryParseAddress(formatAddress(address))!);
}

/** Walks the type-length-value extensions: each must fit, and a checksum, where there is one, must hold (§2.2.3). */
function checkExtensions(bytes: Uint8Array, start: number): void {
  let at = start;
  while (at < bytes.length) {
    if (at + 3 > bytes.length) throw bad("an extension is cut off");
    const type = bytes[at]!;
    const length = (bytes[at + 1]! << 8) | bytes[at + 2]!;
    const value = at + 3;
    at = value + length;
    if (at > bytes.length) throw bad("an extension is longer than the header");
    if (type === crcType) checkChecksum(bytes, value, length);
  }
}

function checkChecksum(bytes: Uint8Array, at: number, length: number): void {
  if (length !== 4) throw bad("its checksum is not four bytes");
  const said = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
  const zeroed = bytes.slice();
  zeroed.fill(0, at, at + 4);
  if (crc32c(zeroed) !== said) throw bad("its checksum does not hold");
}

function bad(reason: string): ModelkeepError {
  return new ModelkeepError("net/bad-proxy-header", {
    message: `the connection does not begin with a PROXY v2 header: ${reason}`,
    hint: "let the load balancer send PROXY protocol version 2 (haproxy: send-proxy-v2), or take gateway.proxyProtocol out of the configuration",
    status: 400,
  });
}
