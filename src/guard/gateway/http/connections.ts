import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { ModelkeepError } from "../../../base/error/index.ts";
import type { Firewall, Refusal } from "../../firewall/index.ts";
import { sendRawError } from "./answer.ts";
import { announcePeer, peerAddress } from "./peer.ts";

/** Time that a refused client gets to send the request that is then answered with the refusal, milliseconds. */
const refusedMs = 1000;

export interface ConnectionOptions {
  readonly firewall: Firewall;
  /** TLS connections that are refused are closed: a handshake is more than they are worth. */
  readonly encrypted: boolean;
  /** Reads the PROXY header that each connection starts with, and gives the client's address. */
  readonly readProxyHeader?: (socket: Socket) => Promise<string>;
  /** Turns a refusal into what the client is told, and records it. */
  readonly refused: (verdict: Refusal, address: string) => { error: ModelkeepError; requestId: string };
  /** A connection without a usable PROXY header. */
  readonly badProxyHeader: (error: unknown, address: string) => void;
}

/** Puts the firewall before the HTTP parser (and before TLS): a refused connection costs no handshake and no parsing. */
export function guardConnections(server: Server, options: ConnectionOptions): void {
  const serve = server.listeners("connection") as ((socket: Socket) => void)[];
  const carry = options.encrypted ? carryAnnouncements(server) : announcePeer;
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    const pass = (address: string) => {
      const verdict = options.firewall.connect(address);
      if (!verdict.ok) return refuse(socket, verdict, options);
      socket.once("close", () => verdict.release?.());
      for (const listener of serve) listener.call(server, socket);
      // Reading the header has paused the socket. TLS takes over the rest by itself; the HTTP parser waits for it to flow.
      if (!options.encrypted) socket.resume();
    };
    if (options.readProxyHeader === undefined) return pass(peerAddress(socket));
    const announce = async (read: Promise<string>) => {
      try {
        const address = await read;
        carry(socket, address);
        pass(address);
      } catch (error) {
        options.badProxyHeader(error, socket.remoteAddress ?? "");
        socket.destroy();
      }
    };
    void announce(options.readProxyHeader(socket));
  });
}

/** Answers the first bytes with the refusal, whatever they are; clients tend to overlook an answer that precedes their request. */
function refuse(socket: Socket, verdict: Refusal, options: ConnectionOptions): void {
  socket.on("error", () => socket.destroy());
  const { error, requestId } = options.refused(verdict, peerAddress(socket));
  if (options.encrypted) return void socket.destroy();
  const timer = setTimeout(() => socket.destroy(), refusedMs);
  socket.once("close", () => clearTimeout(timer));
  socket.once("data", () => sendRawError(socket, error, requestId));
  socket.resume();
}

/** The TLS socket is another object than the one whose PROXY header was read; the two share the peer's address and port. */
function carryAnnouncements(server: Server): (socket: Socket, address: string) => void {
  const announced = new Map<string, string>();
  server.prependListener("secureConnection", (socket: Socket) => {
    const address = announced.get(endOf(socket));
    if (address !== undefined) announcePeer(socket, address);
  });
  return (socket, address) => {
    const end = endOf(socket);
    announced.set(end, address);
    socket.once("close", () => announced.delete(end));
  };
}

function endOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
