import type { Server } from "node:http";
import type { Socket } from "node:net";
import { toModelkeepError, type ModelkeepError } from "../../base/error/index.ts";
import type { GatewayParts } from "./face.ts";
import { sendRawError } from "./http/answer.ts";
import { faultOf, type ParserError } from "./http/client-error.ts";
import { guardConnections } from "./http/connections.ts";
import { exchangeOn } from "./http/exchange.ts";
import { peerAddress } from "./http/peer.ts";
import { createHeaderReader } from "./http/proxy-header.ts";
import { strayEntry } from "./record/entries.ts";
import { clientGone, irregularityOf, refusedBy, wrongMethod } from "./refusals.ts";

/** Whatever happens on a connection outside of a request: refused at the door, unreadable, too slow. Each is told, counted and recorded. */
export function watchConnections(server: Server, parts: GatewayParts, nextId: () => string): void {
  const { config, httpLimits, firewall, audit, log } = parts;

  const note = (error: ModelkeepError, address: string): string => {
    const id = nextId();
    void record(error, address, id);
    return id;
  };
  const record = async (error: ModelkeepError, address: string, requestId: string) => {
    try {
      const irregularity = irregularityOf(error);
      if (irregularity !== undefined) firewall.observe({ address }, irregularity);
      await audit.refuse(strayEntry(error, address, requestId));
    } catch (cause) {
      log.error("a refusal is not in the audit log", { requestId, code: error.code, cause });
    }
  };

  guardConnections(server, {
    firewall,
    encrypted: config.tls !== undefined,
    ...(config.proxyProtocol !== undefined && {
      readProxyHeader: createHeaderReader(config.proxyProtocol.from, httpLimits.options.headersTimeout),
    }),
    refused(verdict, address) {
      const error = refusedBy(verdict);
      return { error, requestId: note(error, address) };
    },
    badProxyHeader: (error, address) => void note(toModelkeepError(error), address),
  });

  server.on("clientError", (thrown: ParserError, socket: Socket) => {
    const error = faultOf(thrown, socket);
    const exchange = exchangeOn(socket);
    if (error === undefined) {
      exchange?.fail(clientGone());
      return void socket.destroy();
    }
    if (exchange !== undefined && !exchange.request.raw.complete && !exchange.reply.raw.writableFinished) {
      return exchange.fail(error); // its walk ends with this error, and answers it
    }
    const id = note(error, exchange?.address ?? peerAddress(socket));
    if (exchange === undefined || exchange.reply.raw.writableFinished) return sendRawError(socket, error, id);
    // What is broken came behind a whole request, which gets its answer still.
    exchange.isLast = true;
    exchange.reply.raw.once("finish", () => socket.destroySoon());
  });
  server.on("connect", (request, socket) => {
    socket.on("error", () => socket.destroy()); // Node lets go of a socket that asks for a tunnel
    const error = wrongMethod(request.method ?? "", ["GET", "HEAD", "POST"]);
    sendRawError(socket as Socket, error, note(error, peerAddress(socket as Socket)));
  });
  server.on("error", (error) => {
    if (server.listening) log.error("the listening socket failed", { error }); // else whoever asked to listen is told
  });
}
