import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfSigned } from "../../../../test/helpers/certificate.ts";
import { openWorld, talk, type World } from "../../../../test/helpers/gateway.ts";

/** A PROXY v2 header (haproxy.org, proxy-protocol.txt §2.2) for TCP over IPv4. */
function proxyHeader(source: readonly [number, number, number, number], command = 0x21): string {
  const body = [...source, 127, 0, 0, 1, 0x30, 0x39, 0x1f, 0x90];
  return Buffer.from([
    0x0d,
    0x0a,
    0x0d,
    0x0a,
    0x00,
    0x0d,
    0x0a,
    0x51,
    0x55,
    0x49,
    0x54,
    0x0a,
    command,
    0x11,
    0,
    body.length,
    ...body,
  ]).toString("latin1");
}

let world: World;
/** Gives up heads so soon that on a busy machine an honest client would miss it too. */
let impatient: World;
beforeAll(async () => {
  const firewall = { block: ["203.0.113.0/24"], connections: { headTimeoutMs: 60_000 }, bans: { automatic: false } };
  const gateway = { proxyProtocol: { from: ["127.0.0.1"] } };
  world = await openWorld({ gateway, firewall });
  impatient = await openWorld({ gateway, firewall: { ...firewall, connections: { headTimeoutMs: 500 } } });
});
afterAll(async () => {
  await impatient.close();
  await world.close();
});

const get = (...fields: string[]) =>
  `GET /v2 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${world.key}\r\nConnection: close\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n`;
const lastAddress = async () => (await world.entries()).at(-1)!.actor?.address;

describe("behind a proxy that speaks PROXY v2", () => {
  it("the client's address is the one that the proxy announces, in whatever pieces it arrives", async () => {
    const whole = proxyHeader([198, 51, 100, 7]) + get();
    for (const pieces of [
      [whole],
      [whole.slice(0, 5), whole.slice(5, 20), whole.slice(20)],
      [...whole.slice(0, 40), whole.slice(40)],
    ]) {
      expect(await world.raw(pieces, { pauseMs: 2 })).toMatch(/^HTTP\/1\.1 200/);
      expect(await lastAddress()).toBe("198.51.100.7");
    }
  });

  it("what a client writes about itself changes nothing", async () => {
    await world.raw(
      proxyHeader([198, 51, 100, 8]) + get("X-Forwarded-For: 10.0.0.1", "Forwarded: for=10.0.0.2", "X-Real-IP: 10.0.0.3"),
    );
    expect(await lastAddress()).toBe("198.51.100.8");
  });

  it("a second header is no request", async () => {
    expect(await world.raw(proxyHeader([198, 51, 100, 9]) + proxyHeader([10, 0, 0, 1]) + get())).toMatch(/^HTTP\/1\.1 400/);
    expect(await lastAddress()).toBe("198.51.100.9");
  });

  it("a blocked client is refused, though the proxy is not", async () => {
    expect(await world.raw(proxyHeader([203, 0, 113, 5]) + get())).toMatch(/^HTTP\/1\.1 403[^]*firewall\/blocked/);
    expect(await world.raw(proxyHeader([198, 51, 100, 7]) + get())).toMatch(/^HTTP\/1\.1 200/);
  });

  it("the proxy's own health checks are the proxy's", async () => {
    expect(await world.raw(proxyHeader([198, 51, 100, 7], 0x20) + get())).toMatch(/^HTTP\/1\.1 200/);
    expect(await lastAddress()).toBe("127.0.0.1");
  });

  it.for([
    ["no header", (): string => get()],
    ["the text form of version 1", (): string => `PROXY TCP4 10.0.0.1 127.0.0.1 1 2\r\n${get()}`],
    ["half a header", (): string => proxyHeader([10, 0, 0, 1]).slice(0, 12)],
    ["nothing", (): string => ""],
  ] as const)("a connection with %s is closed without an answer, and recorded", async ([, text]) => {
    expect(await impatient.raw(text())).toBe("");
    expect((await impatient.entries()).at(-1)).toMatchObject({
      kind: "connection.refused",
      code: expect.stringMatching(/bad-proxy-header$/),
    });
  });

  it("a client that reaches the port itself cannot announce anything", async () => {
    const outside = await openWorld({ gateway: { proxyProtocol: { from: ["192.0.2.1"] } } });
    expect(await talk(outside.port, proxyHeader([10, 0, 0, 1]) + get())).toBe("");
    await outside.close();
  });

  it("the header stands before TLS, and the address reaches through it", async () => {
    const dir = await mkdtemp(join(tmpdir(), "modelkeep-proxy-"));
    const { cert, key } = selfSigned("proxied");
    await writeFile(join(dir, "cert"), cert);
    await writeFile(join(dir, "key"), key);
    const secure = await openWorld({
      gateway: { tls: { cert: join(dir, "cert"), key: join(dir, "key") }, proxyProtocol: { from: ["127.0.0.1"] } },
    });
    const heard = await new Promise<string>((resolve) => {
      const raw = connectTcp(secure.port, "127.0.0.1", () => {
        raw.write(Buffer.from(proxyHeader([198, 51, 100, 77]), "latin1"));
        const socket = connectTls({ socket: raw, ca: cert, host: "localhost", servername: "localhost" });
        let text = "";
        socket.on("data", (chunk) => (text += chunk.toString()));
        socket.on("close", () => resolve(text));
        socket.on("error", (error) => resolve(String(error)));
        socket.write(get().replace(world.key, secure.key));
      });
    });
    expect(heard).toMatch(/^HTTP\/1\.1 200/);
    expect((await secure.entries()).at(-1)?.actor?.address).toBe("198.51.100.77");
    await secure.close();
    await rm(dir, { recursive: true });
  });
});
