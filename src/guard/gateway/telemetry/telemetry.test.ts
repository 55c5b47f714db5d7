import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openWorld, rowsOf, type World } from "../../../../test/helpers/gateway.ts";
import { createPrometheusMeter } from "../../../base/log/index.node.ts";

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const meter = createPrometheusMeter();

let world: World;
beforeAll(async () => {
  world = await openWorld({
    gateway: { metrics: { port: 0 } },
    parts: {
      tracer: provider.getTracer("test"),
      meter,
      scrape: async () => {
        const { text, contentType } = await meter.scrape();
        return { body: text, contentType };
      },
    },
  });
}, 60_000);
afterAll(() => world.close());
beforeEach(() => exporter.reset());

const spans = () => exporter.getFinishedSpans();
const headers = { "content-type": "application/json" };

describe("spans", () => {
  it("continue the caller's trace, and time the steps of the walk", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await world.infer("echo", rowsOf([1, 2]), { headers: { ...headers, traceparent } });
    await expect.poll(() => spans().length).toBe(4);
    const server = spans().find(({ name }) => name === "POST /v2/models/:name/infer")!;
    expect(server.parentSpanContext?.spanId).toBe("b7ad6b7169203331");
    expect(server.attributes).toMatchObject({ "http.response.status_code": 200 });
    for (const step of ["read", "run", "audit"]) {
      const span = spans().find(({ name }) => name === step)!;
      expect(span.spanContext().traceId).toBe("0af7651916cd43dd8448eb211c80319c");
      expect(span.parentSpanContext?.spanId).toBe(server.spanContext().spanId);
    }
  });

  it.for([
    ["none", undefined],
    ["one of zeros", "00-00000000000000000000000000000000-0000000000000000-01"],
    ["one that is none", "hello"],
    ["one of a forbidden version", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
  ] as const)("begin a trace of their own for a header like %s", async ([, traceparent]) => {
    await world.infer("echo", rowsOf([1, 2]), { headers: { ...headers, ...(traceparent !== undefined && { traceparent }) } });
    await expect.poll(() => spans().length).toBe(4);
    const server = spans().find(({ name }) => name.startsWith("POST"))!;
    expect(server.parentSpanContext).toBeUndefined();
  });

  it("name the route and the code of a refusal, never what the client wrote or which key it showed", async () => {
    await world.fetch("/v2/models/some-name-that-is-secret");
    await expect.poll(() => spans().length).toBe(1);
    const [span] = spans();
    expect(span!.name).toBe("GET /v2/models/:name");
    expect(span!.attributes).toMatchObject({ "http.response.status_code": 404, "error.type": "gateway/unknown-model" });
    expect(JSON.stringify([span!.name, span!.attributes])).not.toMatch(new RegExp(`secret|${world.key}`));
  });
});

describe("metrics", () => {
  const scraped = async () => (await fetch(world.gateway.metricsUrl!)).text();

  it("count requests by model, action and outcome, and how long and large they were", async () => {
    await world.infer("echo", rowsOf([1, 2], [3, 4]));
    await world.infer("echo", { inputs: [] });
    const text = await scraped();
    expect(text).toMatch(/modelkeep_gateway_requests_total\{[^}]*action="infer"[^}]*model="echo"[^}]*outcome="done"[^}]*\} \d+/);
    expect(text).toMatch(/modelkeep_gateway_requests_total\{[^}]*outcome="gateway\/missing-input"[^}]*\} 1\b/);
    expect(text).toMatch(/modelkeep_gateway_request_seconds_count\{model="echo"\}/);
    expect(text).toMatch(/modelkeep_gateway_rows_total\{model="echo"\}/);
  });

  it("have no label that a client can make up", async () => {
    for (let i = 0; i < 30; i++) await world.fetch(`/v2/models/invented-${i}`);
    await world.fetch("/invented");
    expect(await scraped()).not.toContain("invented");
  });

  it("are on their own port all there is, and not on the main one", async () => {
    const { origin } = new URL(world.gateway.metricsUrl!);
    for (const path of ["/", "/v2", "/v2/models/echo/infer"]) expect((await fetch(origin + path)).status).toBe(404);
    expect((await world.fetch("/metrics")).status).toBe(404);
  });
});
