import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { freePort } from "../../../test/helpers/free-port.ts";
import { openWorld, rowsOf, type World } from "../../../test/helpers/gateway.ts";

const body = JSON.stringify(rowsOf([1, 2]));

/** A request in flight for as long as the test wants: its head was taken, its body has come up to the first byte. */
async function halfSent(world: World): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect(world.port, "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk) => (heard += chunk.toString())).on("error", () => {});
  socket.write(
    `POST /v2/models/echo/infer HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${world.key}\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  await once(socket, "data"); // "100 Continue"
  socket.write(body.slice(0, 1));
  return { socket, heard: () => heard };
}

/** Bodies may take as long as they like. */
const patient = { firewall: { connections: { graceMs: 600_000 } } };

it("a metrics port that is taken leaves no gateway listening behind the error", async () => {
  const taken = createServer();
  const [port, metricsPort] = [await freePort(), await new Promise<number>((resolve) => listenAnywhere(taken, resolve))];
  const opened = openWorld({
    gateway: { port, metrics: { port: metricsPort } },
    parts: { scrape: async () => ({ contentType: "text/plain", body: "" }) },
  });
  await expect(opened).rejects.toMatchObject({ code: "gateway/cannot-listen" });
  await expect(fetch(`http://127.0.0.1:${port}/v2/health/live`)).rejects.toThrow();
  taken.close();
});

function listenAnywhere(server: Server, listening: (port: number) => void): void {
  server.listen(0, "127.0.0.1", () => listening((server.address() as AddressInfo).port));
}

describe("closing", () => {
  it("finishes what runs, takes no new connection, and says not ready meanwhile", async () => {
    const world = await openWorld(patient);
    const { socket, heard } = await halfSent(world);
    // An idle connection from before is ended.
    const idle = connect(world.port, "127.0.0.1");
    idle.write("GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(idle, "data");
    const closed = world.gateway.close({ deadlineMs: 600_000 });
    await once(idle, "close");
    await expect(fetch(`${world.gateway.url}/v2/health/live`)).rejects.toThrow();
    // Not ready: what follows on a connection is still read while its first request runs, and is told so.
    socket.write(`${body.slice(1)}GET /v2/health/ready HTTP/1.1\r\nHost: a\r\n\r\n`);
    await once(socket, "close");
    await closed;
    expect(heard()).toMatch(/HTTP\/1\.1 200 OK[^]*connection: close/i);
    await expect(fetch(`${world.gateway.url}/v2/health/live`)).rejects.toThrow();
    await world.close();
  });

  it("waits no longer than it is told, also when told twice", async () => {
    const world = await openWorld(patient);
    const { socket, heard } = await halfSent(world); // and never goes on
    const first = world.gateway.close({ deadlineMs: 600_000 });
    const second = world.gateway.close({ deadlineMs: 20 });
    await Promise.all([first, second]);
    if (!socket.closed) await once(socket, "close");
    expect(heard()).not.toContain("HTTP/1.1 2");
    await world.close();
  });

  it("gives its port back", async () => {
    const world = await openWorld();
    await world.gateway.close();
    const next = await openWorld({ gateway: { port: world.port } });
    expect(next.port).toBe(world.port);
    await expect(openWorld({ gateway: { port: next.port } })).rejects.toMatchObject({
      code: "gateway/cannot-listen",
      hint: expect.stringContaining("--port"),
    });
    await next.close();
    await world.close();
  });
});
