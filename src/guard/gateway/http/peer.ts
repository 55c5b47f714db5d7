import type { Socket } from "node:net";

const announced = new WeakMap<Socket, string>();

/** Who is at the other end of a connection: what PROXY v2 announced, else the TCP peer. */
export function peerAddress(socket: Socket): string {
  return announced.get(socket) ?? socket.remoteAddress ?? "";
}

/** Takes a trusted proxy's word for it. */
export function announcePeer(socket: Socket, address: string): void {
  announced.set(socket, address);
}
