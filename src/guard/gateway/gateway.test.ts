import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echoModel, openWorld, rowsOf, slowModel, type World } from "../../../test/helpers/gateway.ts";
import { fromHex } from "../../base/crypto/index.ts";
import type { Evidence } from "../../base/evidence/index.ts";
import { tensorOf } from "../../model/onnx/index.ts";
import { commitTensors } from "./record/commitment.ts";

interface Refusal {
  readonly error: string;
  readonly code: string;
  readonly hint?: string;
  readonly request_id: string;
}

let world: World;
let narrow: string; // a key for echo alone
beforeAll(async () => {
  const files = {
    "echo.onnx": echoModel(),
    "secret.onnx": echoModel(1),
    "many/1/model.onnx": echoModel(10),
    "many/2/model.onnx": echoModel(20),
    "slow.onnx": slowModel(60),
  };
  const gateway = { release: [{ models: ["many"], digits: 1 }], deadlineMs: 120_000, maxDeadlineMs: 120_000 };
  world = await openWorld({ files, gateway, firewall: { bans: { automatic: false } } });
  narrow = (await world.access.keys.create({ principal: "bob", role: "caller", models: ["echo"] }, { principal: "test" })).key;
}, 60_000);
afterAll(() => world.close());

const as = (key: string) => ({ authorization: `Bearer ${key}` });
const refusalOf = async (response: Response) => ({ status: response.status, body: (await response.json()) as Refusal });

async function entryOf(response: Response): Promise<Evidence & { detail: Record<string, never> }> {
  await world.audit.flush();
  const entry = await world.audit.get(Number(response.headers.get("x-modelkeep-entry")));
  return entry!.evidence as never;
}

async function lastEntry(): Promise<Evidence> {
  return (await world.entries()).at(-1)!;
}

describe("an inference", () => {
  it("is answered with a receipt: an entry that says who asked what of which model, and by which policy", async () => {
    const response = await world.infer("many", { ...rowsOf([1, 2], [3, 4]), id: "mine" });
    expect(await response.json()).toEqual({
      model_name: "many",
      model_version: "2",
      id: "mine",
      outputs: [{ name: "y", datatype: "FP32", shape: [2, 2], data: [21, 22, 23, 24] }],
    });
    expect(await entryOf(response)).toMatchObject({
      kind: "inference.answered",
      outcome: "done",
      actor: { principal: "alice", credential: expect.stringMatching(/^mk_/), address: "127.0.0.1" },
      action: "infer",
      subject: { type: "model", id: "many", version: "2", digest: world.models.find("many", "2")!.digest },
      requestId: response.headers.get("x-request-id"),
      detail: {
        inputs: [{ name: "x", type: "float32", shape: [2, 2] }],
        outputs: [{ name: "y", type: "float32", shape: [2, 2] }],
        decision: { policies: ["caller-models"], digest: expect.stringMatching(/^sha256:/) },
        cost: { requests: 1, rows: 2, bytes: expect.any(Number), modelMs: expect.any(Number) },
        latencyMs: { queue: expect.any(Number), model: expect.any(Number), total: expect.any(Number) },
      },
    });
  });

  it("leaves commitments that whoever has tensors and salt can open, and nothing of the tensors themselves", async () => {
    const response = await world.infer("echo", rowsOf([0.123456, 5]));
    const salt = fromHex(response.headers.get("x-modelkeep-salt")!);
    const entry = await entryOf(response);
    const tensor = tensorOf("float32", [1, 2], [0.123456, 5]);
    expect(entry.detail["commitments"]).toEqual({
      inputs: commitTensors(salt, "inputs", { x: tensor }),
      outputs: commitTensors(salt, "outputs", { y: tensor }),
    });
    const text = JSON.stringify(entry);
    for (const secret of [response.headers.get("x-modelkeep-salt")!, "0.123", world.key]) expect(text).not.toContain(secret);
  });

  it("goes to the version that the path names", async () => {
    const response = await world.fetch("/v2/models/many/versions/1/infer", {
      method: "POST",
      body: JSON.stringify(rowsOf([0, 0])),
      headers: { "content-type": "application/json" },
    });
    expect(await response.json()).toMatchObject({ model_version: "1", outputs: [{ data: [10, 10] }] });
  });

  it("lets out what the release rules leave, and commits to that", async () => {
    const response = await world.infer("many", rowsOf([0.26, 0.24]));
    const { outputs: sent } = (await response.clone().json()) as { outputs: { data: number[] }[] };
    expect(sent[0]!.data.map(Math.fround)).toEqual([20.3, 20.2].map(Math.fround));
    const salt = fromHex(response.headers.get("x-modelkeep-salt")!);
    const outputs = commitTensors(salt, "outputs", { y: tensorOf("float32", [1, 2], [20.3, 20.2]) });
    expect((await entryOf(response)).detail["commitments"]).toMatchObject({ outputs });
  });

  it("is refused with what to change when a tensor is not what the model takes, and the refusal is in the log", async () => {
    const input = { name: "x", datatype: "FP32", shape: [1, 3], data: [1, 2, 3] };
    const { status, body } = await refusalOf(await world.infer("echo", { inputs: [input] }));
    expect([status, body.code]).toEqual([400, "gateway/wrong-shape"]);
    expect(body.hint).toBeDefined();
    expect(await lastEntry()).toMatchObject({
      kind: "request.refused",
      outcome: "denied",
      code: body.code,
      requestId: body.request_id,
    });
  });

  it.for([
    ["NaN", '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[NaN,1]}]}'],
    ["infinity", '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[Infinity,1]}]}'],
    ["null for NaN", '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[null,1]}]}'],
  ])("is refused for %s unless the contract allows it", async ([, body]) => {
    const { status, body: refusal } = await refusalOf(await world.infer("echo", undefined, { body: body! }));
    expect([status, refusal.code]).toEqual([400, "gateway/not-finite"]);
    const lax = await openWorld({ models: { serve: [{ path: ".", contract: { inputs: { x: { allowNonFinite: true } } } }] } });
    expect((await lax.infer("echo", undefined, { body: body! })).status).toBe(200);
    await lax.close();
  });

  it("ends when its time is over, by the request's own wish", async () => {
    const { status, body } = await refusalOf(await world.infer("slow", { ...rowsOf([1, 1]), parameters: { timeout: 20_000 } }));
    expect([503, 504]).toContain(status);
    expect(["runtime/deadline", "gateway/too-busy"]).toContain(body.code);
  });

  it("is refused at once, with a time to come back, when the queue is longer than it can wait", async () => {
    // Its rows do not stand for themselves, so requests run one after another; the first says how long one takes.
    const { runner } = world.models.find("slow")!;
    await world.infer("slow", rowsOf([0, 1]));
    const queue = Array.from({ length: 12 }, (_, i) => world.infer("slow", rowsOf([i, 1])));
    await expect.poll(() => runner.stats.pending, { interval: 1, timeout: 60_000 }).toBeGreaterThan(8);
    // Enough for a few of them, in microseconds, but not for all that wait.
    const timeout = Math.ceil((runner.expectedWaitMs() / 4) * 1000);
    const hasty = await world.infer("slow", { ...rowsOf([1, 1]), parameters: { timeout } });
    expect(await refusalOf(hasty)).toMatchObject({ status: 503, body: { code: "gateway/too-busy" } });
    expect(Number(hasty.headers.get("retry-after"))).toBeGreaterThan(0);
    for (const response of await Promise.all(queue)) expect(response.status).toBe(200);
  });

  it("of a client that hangs up is given up, and says so in the log", async () => {
    const body = JSON.stringify(rowsOf([1, 2]));
    // Others before it, so that it waits for long enough to be seen waiting.
    const { runner } = world.models.find("slow")!;
    const ranBefore = runner.stats.requests;
    const before = Array.from({ length: 5 }, (_, i) => world.infer("slow", rowsOf([i, 1])));
    const socket = connect(world.port, "127.0.0.1");
    socket.write(
      `POST /v2/models/slow/infer HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${world.key}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const isWaiting = () => runner.stats.pending > before.length || runner.stats.requests > ranBefore;
    await expect.poll(isWaiting, { interval: 1, timeout: 60_000 }).toBe(true);
    socket.destroy();
    const given = async () => (await world.entries()).findLast(({ code }) => code === "gateway/client-gone");
    await expect.poll(given, { timeout: 60_000 }).toMatchObject({ outcome: "failed", subject: { id: "slow" } });
    await Promise.all(before);
    await expect.poll(() => runner.stats.pending, { timeout: 60_000 }).toBe(0);
  });
});

describe("who may not", () => {
  const paths = [
    "/v2",
    "/v2/models",
    "/v2/models/echo",
    "/v2/models/echo/ready",
    "/v2/models/echo/versions/1",
    "/v2/models/nothing",
  ];
  it.for(paths)("a stranger gets 401 on %s and is told how to ask", async (path) => {
    const response = await fetch(world.gateway.url + path);
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="modelkeep"');
    expect(await refusalOf(response)).toMatchObject({ status: 401, body: { code: "access/no-credential" } });
  });

  it("a wrong key is told no more than that", async () => {
    const response = await fetch(`${world.gateway.url}/v2`, {
      headers: as(`${world.key.slice(0, -1)}${world.key.endsWith("a") ? "b" : "a"}`),
    });
    expect(await refusalOf(response)).toMatchObject({ status: 401, body: { code: "access/bad-credential" } });
    expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
  });

  it("health is open, and says ready", async () => {
    expect(await (await fetch(`${world.gateway.url}/v2/health/live`)).json()).toEqual({ live: true });
    expect(await (await fetch(`${world.gateway.url}/v2/health/ready`)).json()).toEqual({ live: true, ready: true });
  });

  it("a model that one may not use and one that is not there look alike, in every way of asking", async () => {
    const body = JSON.stringify(rowsOf([1, 2]));
    const ask = async (model: string, path: string, method: string) => {
      const init = { method, headers: { ...as(narrow), "content-type": "application/json" }, ...(method === "POST" && { body }) };
      const response = await fetch(`${world.gateway.url}/v2/models/${model}${path}`, init);
      const { request_id: _, ...rest } = (await response.json()) as Refusal;
      const { date: __, "x-request-id": ___, "content-length": ____, ...headers } = Object.fromEntries(response.headers);
      return { status: response.status, rest, headers };
    };
    for (const [path, method] of [
      ["", "GET"],
      ["/ready", "GET"],
      ["/versions/1", "GET"],
      ["/versions/9/ready", "GET"],
      ["/infer", "POST"],
      ["/versions/1/infer", "POST"],
    ] as const) {
      const forbidden = await ask("secret", path, method);
      expect(forbidden.status).toBe(404);
      expect(forbidden).toEqual(await ask("nothing", path, method));
      expect(await ask("echo", "/versions/7", "GET")).toEqual(await ask("nothing", "/versions/7", "GET"));
    }
  });

  it("the list of models holds what the caller may see", async () => {
    const list = async (key: string) => (await fetch(`${world.gateway.url}/v2/models`, { headers: as(key) })).json();
    expect(await list(narrow)).toEqual({ models: [{ name: "echo", versions: ["1"] }] });
    expect(await list(world.key)).toMatchObject({
      models: [{ name: "echo" }, { name: "many", versions: ["1", "2"] }, { name: "secret" }, { name: "slow" }],
    });
  });

  it("a caller gets no metrics", async () => {
    const scrape = async () => ({ contentType: "text/plain", body: "up 1" });
    const other = await openWorld({ parts: { scrape } });
    expect(await refusalOf(await other.fetch("/metrics"))).toMatchObject({ status: 403, body: { code: "gateway/forbidden" } });
    const { key } = await other.access.keys.create({ principal: "op", role: "operator" }, { principal: "test" });
    expect(await (await fetch(`${other.gateway.url}/metrics`, { headers: as(key) })).text()).toBe("up 1");
    await other.close();
  });
});

describe("paths", () => {
  it.for([
    ["GET", "/v2/models/echo/infer", 405, "gateway/method-not-allowed"],
    ["DELETE", "/v2/models/echo", 405, "gateway/method-not-allowed"],
    ["POST", "/v2/health/live", 405, "gateway/method-not-allowed"],
    ["GET", "/", 404, "gateway/unknown-route"],
    ["POST", "/v1/chat", 404, "gateway/unknown-route"],
    ["GET", "/v2/models/..%2f..%2fetc%2fpasswd", 404, "gateway/unknown-model"],
    ["GET", "/v2/models/%2e%2e%2f", 404, "gateway/unknown-model"],
    ["GET", "/v2/models/__proto__", 404, "gateway/unknown-model"],
    ["GET", "/v2/models/echo/versions/constructor", 404, "gateway/unknown-model"],
    ["GET", `/v2/models/${"x".repeat(65)}`, 404, "gateway/unknown-model"],
    ["GET", "/v2/models/echo%00", 404, "gateway/unknown-model"],
    ["GET", "/v2/models/%zz", 404, "gateway/unknown-route"],
  ] as const)("%s %s is %i", async ([method, path, status, code]) => {
    const [head, body] = (
      await world.raw(`${method} ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${world.key}\r\nConnection: close\r\n\r\n`)
    ).split("\r\n\r\n");
    expect(Number(head!.slice(9, 12))).toBe(status);
    expect(JSON.parse(body!)).toMatchObject({ code });
    if (status === 405) expect(head).toMatch(/\r\nallow: (GET, HEAD|POST)\r\n/);
  });

  it("HEAD is GET without a body", async () => {
    const response = await world.fetch("/v2/models/echo", { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
});

describe("what a client writes", () => {
  const evil = "\u001b[2J\u001b]0;owned\u0007\u202e";
  // oxlint-disable-next-line no-control-regex
  const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

  it("comes back and into the log escaped, whichever field it stands in", async () => {
    const bodies = [
      { inputs: [{ name: evil, datatype: "FP32", shape: [1, 2], data: [1, 2] }] },
      { inputs: [{ name: "x", datatype: evil, shape: [1, 2], data: [1, 2] }] },
      { ...rowsOf([1, 2]), outputs: [{ name: evil }] },
      { ...rowsOf([1, 2]), parameters: { [evil]: [evil] } },
      { inputs: [{ name: "x", datatype: "FP32", shape: [1, 2], data: [evil, 2] }] },
      { [evil]: evil },
    ];
    for (const body of bodies) expect(await (await world.infer("echo", body)).text()).not.toMatch(control);
    const latin = [...Buffer.from(evil).toString("latin1")].filter((char) => char >= " ").join(""); // C1 controls stay in
    await world.raw(
      `GET /v2/models/${encodeURIComponent(evil)} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${world.key}\r\nUser-Agent: ${latin}\r\nX-Request-Id: ${latin}\r\nConnection: close\r\n\r\n`,
    );
    for (const entry of await world.entries()) expect(JSON.stringify(entry).replaceAll("\\n", "")).not.toMatch(control);
  });

  it("is no request id: ours is our own, theirs is noted", async () => {
    const response = await world.infer("echo", rowsOf([1, 2]), {
      headers: { "x-request-id": "theirs", "content-type": "application/json" },
    });
    expect(response.headers.get("x-request-id")).not.toBe("theirs");
    expect((await entryOf(response)).detail).toMatchObject({ clientRequestId: "theirs" });
  });
});

describe("limits", () => {
  it("say when to come back, and hold for the principal on whatever connection", async () => {
    const small = await openWorld({ firewall: { limits: { principal: { rows: { perSecond: 1, burst: 3 } } } } });
    expect((await small.infer("echo", rowsOf([1, 1], [2, 2]))).status).toBe(200);
    const response = await small.infer("echo", rowsOf([1, 1], [2, 2]));
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refusalOf(response)).toMatchObject({ status: 429, body: { code: "firewall/limited" } });
    expect((await small.entries()).at(-1)).toMatchObject({ outcome: "limited", code: "firewall/limited" });
    await small.close();
  });

  it("ban an address that tries keys, and a good key from there still works", async () => {
    const strict = await openWorld({ firewall: { bans: { threshold: 10 } } });
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) {
      const response = await fetch(`${strict.gateway.url}/v2`, { headers: as(`mk_wrong${i}`) });
      statuses.push(response.status);
    }
    expect(statuses[0]).toBe(401);
    expect(statuses.at(-1)).toBe(403);
    expect((await strict.infer("echo", rowsOf([1, 2]))).status).toBe(200);
    expect((await strict.entries()).some(({ kind }) => kind.startsWith("ban."))).toBe(true);
    await strict.close();
  });
});

describe("when the log takes nothing", () => {
  it("nothing is answered, ready says so, and it goes on by itself once there is room", async () => {
    const other = await openWorld();
    expect((await other.infer("echo", rowsOf([1, 2]))).status).toBe(200);
    other.disk.failAll("ENOSPC");
    const refused = await refusalOf(await other.infer("echo", rowsOf([1, 2])));
    expect(refused.status).toBe(503);
    expect(JSON.stringify(refused.body)).not.toContain("model_name");
    const ready = await fetch(`${other.gateway.url}/v2/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { live: true, ready: false }]);
    other.disk.failAll();
    await expect.poll(async () => (await other.infer("echo", rowsOf([1, 2]))).status, { timeout: 60_000 }).toBe(200);
    await other.close();
  });
});
