import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { SecureContextOptions } from "node:tls";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";
import type { HttpLimits } from "../../firewall/index.ts";

/** Node's server, strict: what it lets through is one well-formed request at a time. */
export function createStrictServer(listener: RequestListener, limits: HttpLimits, tls?: SecureContextOptions): Server {
  // A missing Host is our own refusal, with a body like every other: see checkHead.
  const options = { ...limits.options, requireHostHeader: false, joinDuplicateHeaders: false, noDelay: true };
  const server =
    tls === undefined
      ? createServer(options, listener)
      : createTlsServer(
          { ...options, ...tls, ALPNProtocols: ["http/1.1"], handshakeTimeout: limits.options.headersTimeout },
          listener,
        );
  // Fields beyond Node's own maximum would be dropped silently; the size limit bounds them and checkHead counts them.
  server.maxHeadersCount = 0;
  Object.assign(server, limits.server);
  // The answer comes first: whoever is refused never sends the body. `read` says "100 Continue" when it wants it.
  server.on("checkContinue", (request, response) => server.emit("request", request, response));
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
  return server;
}

/**
 * @throws `gateway/cannot-listen` when the address is taken, foreign or not allowed
 */
export async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) => reject(cannotListen(host, port, cause));
    server.once("error", fail);
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", fail);
      resolve();
    });
  });
  return server.address() as AddressInfo;
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): ModelkeepError {
  const hints: Record<string, string> = {
    EADDRINUSE: "another program has this port: stop it, or choose another with --port (0 takes a free one)",
    EADDRNOTAVAIL: "this machine has no such address; 127.0.0.1 is itself, 0.0.0.0 is every IPv4 address it has",
    EACCES: "ports below 1024 need a privilege: choose a higher one and let a proxy forward to it",
    ENOTFOUND: "this name has no address; use an IP address",
  };
  return new ModelkeepError("gateway/cannot-listen", {
    message: `cannot listen on ${quote(`${host}:${port}`)}: ${cause.code ?? quote(cause.message)}`,
    hint: hints[cause.code ?? ""] ?? "check gateway.host and gateway.port",
    cause,
  });
}

/** `http://127.0.0.1:8080`; an address that means "all of them" is named by the loopback address, which can be opened. */
export function urlOf(address: AddressInfo, encrypted: boolean): string {
  const open: Record<string, string> = { "0.0.0.0": "127.0.0.1", "::": "[::1]" };
  const host = open[address.address] ?? (address.family === "IPv6" ? `[${address.address}]` : address.address);
  return `${encrypted ? "https" : "http"}://${host}:${address.port}`;
}
