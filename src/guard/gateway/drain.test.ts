import { createServer, type AddressInfo, type Server } from "node:net";
import { describe, expect, it } from "vitest";
import { freePort } from "../../../test/helpers/free-port.ts";
import { openWorld, rowsOf, slowModel, talk } from "../../../test/helpers/gateway.ts";

const files = { "slow.onnx": slowModel(100) };

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
    const world = await openWorld({ files });
    await world.infer("slow", rowsOf([1, 1]));
    const running = Array.from({ length: 3 }, (_, i) => world.infer("slow", rowsOf([i, i])));
    await expect.poll(() => world.models.find("slow")!.runner.stats.pending).toBeGreaterThan(0);
    // A keep-alive connection from before still gets its answer, and then the end of the connection.
    const kept = talk(
      world.port,
      ["GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\n", "GET /v2/health/ready HTTP/1.1\r\nHost: a\r\n\r\n"],
      { pauseMs: 30 },
    );
    await new Promise((resolve) => setTimeout(resolve, 10));
    const closed = world.gateway.close({ deadlineMs: 20_000 });
    for (const response of await Promise.all(running)) expect(response.status).toBe(200);
    await closed;
    expect(await kept).toMatch(/^HTTP\/1\.1 200/);
    await expect(fetch(`${world.gateway.url}/v2/health/live`)).rejects.toThrow();
    await world.close();
  });

  it("waits no longer than it is told, also when told twice", async () => {
    const world = await openWorld({ files });
    const running = world.infer("slow", rowsOf([1, 1])).catch(() => undefined);
    const { runner } = world.models.find("slow")!;
    await expect.poll(() => runner.stats.pending, { interval: 5 }).toBe(1);
    const first = world.gateway.close({ deadlineMs: 60_000 });
    const second = world.gateway.close({ deadlineMs: 20 });
    await Promise.all([first, second]);
    expect(runner.stats.pending).toBe(1); // nobody waited for it
    await running;
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
