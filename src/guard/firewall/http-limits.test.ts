import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { createBodyRate, firewallConfig, httpLimits } from "./index.ts";

let server: Server | undefined;
afterEach(() => server?.close());

async function listen(connections: object): Promise<number> {
  const limits = httpLimits(firewallConfig.parse({ connections }));
  server = createServer(limits.options, (request, response) => request.resume().on("end", () => response.end("ok")));
  Object.assign(server, limits.server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Everything the server says until it closes the connection. */
async function talk(port: number, say: (write: (text: string) => void) => Promise<void> | void): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk) => (heard += String(chunk))).on("error", () => {});
  await once(socket, "connect");
  const closed = once(socket, "close");
  await say((text) => socket.writable && socket.write(text));
  await closed;
  return heard;
}

describe("http limits", () => {
  it("end a head that trickles", async () => {
    const port = await listen({ headTimeoutMs: 300 });
    const answer = await talk(port, async (write) => {
      write("GET / HTTP/1.1\r\nHost: x\r\n");
      for (let i = 0; i < 20; i++, await sleep(50)) write(`x-${i}: y\r\n`);
    });
    expect(answer).toContain("408");
  });

  it("refuse a head that is too large, and a request without Host", async () => {
    const port = await listen({ maxHeadBytes: 2048 });
    expect(await talk(port, (write) => write(`GET / HTTP/1.1\r\nHost: x\r\nx: ${"y".repeat(4000)}\r\n\r\n`))).toContain("431");
    expect(await talk(port, (write) => write("GET / HTTP/1.1\r\n\r\n"))).toContain("400");
  });

  it("tell a client to close after its share of requests", async () => {
    const port = await listen({ requestsEach: 3, keepAliveMs: 100 });
    const answer = await talk(port, (write) => write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3)));
    expect(answer.match(/HTTP\/1.1 200/g)).toHaveLength(3);
    expect(answer.match(/connection: close/gi)).toHaveLength(1);
  });

  it("are accepted by Node whatever the configuration says", () => {
    const connections = fc.record({
      headTimeoutMs: fc.integer({ min: 100, max: 1e6 }),
      requestTimeoutMs: fc.integer({ min: 0, max: 1e6 }),
    });
    fc.assert(
      fc.property(
        connections,
        (connections) => void createServer(httpLimits(firewallConfig.parse({ connections })).options).close(),
      ),
    );
  });
});

describe("the rate of a body", () => {
  const rate = { minBytesPerSecond: 100, graceMs: 1000 };

  it("may fall behind for the grace, and no longer", () => {
    const body = createBodyRate(rate, 0);
    expect(body.lateAtMs).toBe(1000);
    body.received(50, 900);
    expect(body.lateAtMs).toBe(1500);
  });

  it("does not save up what came early", () => {
    const body = createBodyRate(rate, 0);
    body.received(1_000_000, 10);
    expect(body.lateAtMs).toBe(1010);
  });

  it("is never late for a sender at the rate, and always for one at half of it", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 300, maxLength: 300 }), (chunks) => {
        const [fast, slow] = [createBodyRate(rate, 0), createBodyRate(rate, 0)];
        let sent = 0;
        let lateBy = 0;
        for (const bytes of chunks) {
          sent += bytes;
          const atMs = (sent * 1000) / rate.minBytesPerSecond;
          expect(fast.lateAtMs).toBeGreaterThanOrEqual(atMs - 1e-6);
          fast.received(bytes, atMs);
          lateBy = Math.max(lateBy, 2 * atMs - slow.lateAtMs);
          slow.received(bytes, 2 * atMs);
        }
        expect(lateBy).toBeGreaterThan(0);
      }),
      { numRuns: 50 },
    );
  });

  it("of nothing asks for nothing", () => {
    const body = createBodyRate({ minBytesPerSecond: 0, graceMs: 1 }, 0);
    body.received(1, 1e9);
    expect(body.lateAtMs).toBe(Infinity);
  });
});
