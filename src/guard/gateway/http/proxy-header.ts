import type { Socket } from "node:net";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { createNetworkTable, createProxyHeaderReader, parseNetwork, tryParseAddress } from "../../../base/net/index.ts";
import type {} from "../errors.ts";

/** Reads a connection's header and gives the client's address. */
export type HeaderReader = (socket: Socket) => Promise<string>;

/**
 * Only the proxies may say who a client is: a connection from elsewhere is refused before a byte of it is read.
 *
 * @param from networks of the proxies
 */
export function createHeaderReader(from: readonly string[], timeoutMs: number): HeaderReader {
  const proxies = createNetworkTable<true>();
  for (const network of from) proxies.set(parseNetwork(network), true);
  return async (socket) => {
    const peer = socket.remoteAddress ?? "";
    const address = tryParseAddress(peer);
    if (address === undefined || proxies.match(address) === undefined) throw missing(`${quote(peer)} is not one of the proxies`);
    return (await readProxyHeader(socket, timeoutMs)) ?? peer;
  };
}

/**
 * Reads the PROXY v2 header off a fresh connection and leaves the rest unread, for TLS or HTTP. Undefined when the proxy speaks for
 * itself (a health check).
 *
 * @throws `gateway/bad-proxy-header` when none arrives in time; `net/bad-proxy-header` when it is not one
 */
function readProxyHeader(socket: Socket, timeoutMs: number): Promise<string | undefined> {
  const reader = createProxyHeaderReader();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(missing("none came in time"))), timeoutMs);
    const settle = (then: () => void) => {
      clearTimeout(timer);
      socket.off("data", onData).off("close", onClose).off("error", onError);
      then();
    };
    const onData = (chunk: Buffer) => {
      try {
        const done = reader.push(chunk);
        if (done === undefined) return;
        socket.pause();
        if (done.rest.length > 0) socket.unshift(done.rest);
        settle(() => resolve(done.header.command === "proxy" ? done.header.source.address : undefined));
      } catch (error) {
        settle(() => reject(error as Error));
      }
    };
    const onClose = () => settle(() => reject(missing("it was closed before")));
    const onError = () => socket.destroy();
    socket.on("data", onData).on("close", onClose).on("error", onError);
  });
}

function missing(why: string): ModelkeepError {
  return new ModelkeepError("gateway/bad-proxy-header", {
    message: `the connection does not begin with a PROXY v2 header: ${why}`,
    hint: "let only the load balancer reach this port, and let it send PROXY protocol version 2",
    status: 400,
  });
}
