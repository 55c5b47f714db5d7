import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { infer, openHouse } from "../helpers/keep.ts";

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Span["attributes"] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

it("a request's spans reach an OTLP receiver, under the caller's trace, and carry no secret", async () => {
  const received: { url: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];
  const receiver = createServer((request, response) => {
    const take = async (): Promise<void> => {
      received.push({ url: request.url, headers: request.headers, body: await text(request) });
      response.setHeader("content-type", "application/json").end("{}");
    };
    void take();
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const otlpUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/v1/traces`;
  const house = openHouse({ config: { telemetry: { otlpUrl, sampleRatio: 1 } } });
  try {
    const keep = await house.serve();
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const answer = await infer({ ...keep, headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } });
    expect(answer.status).toBe(200);
    expect((await infer({ url: keep.url })).status).toBe(401);
    expect((await keep.end()).code).toBe(0); // an end sends what is left
    expect(received.length).toBeGreaterThan(0);
    const exports = received.map(({ body }) => JSON.parse(body) as Export);
    const spans = exports.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans)),
    );
    const ours = spans.filter((span) => span.traceId === traceId);
    const top = ours.find(({ parentSpanId }) => parentSpanId === "b7ad6b7169203331");
    expect(top).toBeDefined();
    expect(ours.filter(({ parentSpanId }) => parentSpanId === top!.spanId).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["read", "run", "audit"]),
    );
    expect(spans.some(({ traceId: other }) => other !== traceId)).toBe(true); // the refusal, in a trace of its own
    const service = exports[0]!.resourceSpans[0]!.resource.attributes.find(({ key }) => key === "service.name");
    expect(service?.value["stringValue"]).toBe("modelkeep");
    expect(received.map(({ body }) => body).join("")).not.toContain(keep.key);
  } finally {
    receiver.close();
    await house.close();
  }
});

it("a receiver that is away, or answers nothing, slows nobody down and does not hold up the end", async () => {
  const receiver = createServer(() => {}).listen(0, "127.0.0.1"); // never answers
  await once(receiver, "listening");
  const silent = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/v1/traces`;
  for (const otlpUrl of ["http://127.0.0.1:1/v1/traces", silent]) {
    const house = openHouse({ config: { telemetry: { otlpUrl, sampleRatio: 1 } } });
    try {
      const keep = await house.serve();
      for (let i = 0; i < 20; i++) expect((await infer(keep)).status).toBe(200);
      expect((await keep.end()).code).toBe(0);
    } finally {
      await house.close();
    }
  }
  receiver.closeAllConnections();
  receiver.close();
});

it("metrics are there for Prometheus, and name no secret", async () => {
  const house = openHouse({ config: { gateway: { metrics: { port: 0 } } } });
  try {
    const keep = await house.serve();
    expect((await infer(keep)).status).toBe(200);
    expect((await fetch(`${keep.url}/metrics`, { headers: { authorization: `Bearer ${keep.key}` } })).status).toBe(404); // it has a port of its own
  } finally {
    await house.close();
  }
  const plain = openHouse();
  try {
    const keep = await plain.serve();
    expect((await infer(keep)).status).toBe(200);
    expect((await fetch(`${keep.url}/metrics`)).status).toBe(401);
    const caller = plain.key("caller");
    expect((await fetch(`${keep.url}/metrics`, { headers: { authorization: `Bearer ${caller.key}` } })).status).toBe(403);
    const answer = await fetch(`${keep.url}/metrics`, { headers: { authorization: `Bearer ${keep.key}` } });
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    const body = await answer.text();
    expect(body).toMatch(/^modelkeep_\w+(\{.*\})? \d/m);
    expect(body).not.toContain(keep.key);
  } finally {
    await plain.close();
  }
});
