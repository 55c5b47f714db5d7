import { once } from "node:events";
import { connect } from "node:net";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWorld, rowsOf, type World } from "../../../test/helpers/gateway.ts";

/** What a hostile or broken client may do on a connection, and what it gets. One gateway stands through all of it. */
let world: World;
/** Its times are so short that on a busy machine an honest client would miss them too. */
let impatient: World;
beforeAll(async () => {
  const bans = { automatic: false };
  world = await openWorld({ firewall: { connections: { headTimeoutMs: 60_000, graceMs: 60_000 }, bans } });
  const connections = { headTimeoutMs: 600, minBytesPerSecond: 10_000, graceMs: 300, keepAliveMs: 2000 };
  impatient = await openWorld({ firewall: { connections, bans } });
});
afterAll(async () => {
  await impatient.close();
  await world.close();
});

const body = JSON.stringify(rowsOf([1, 2]));
const infer = (...fields: string[]) =>
  `POST /v2/models/echo/infer HTTP/1.1\r\nHost: a\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n`;
const auth = () => `Authorization: Bearer ${world.key}`;
const poll = { timeout: 60_000 };
const length = (bytes: number) => `Content-Length: ${bytes}`;

/** The answers in what was heard: status, headers, JSON body. */
function answersIn(heard: string) {
  const answers: { status: number; headers: string; body: { code?: string; request_id?: string } | undefined }[] = [];
  for (let rest = heard; rest !== "";) {
    const [, status, headers = ""] = /^HTTP\/1\.1 (\d{3}) [^\r]*\r\n([^]*?\r\n)?\r\n/.exec(rest) ?? [];
    if (status === undefined) throw new Error(`not an answer: ${rest.slice(0, 200)}`);
    const start = rest.indexOf("\r\n\r\n") + 4;
    const bytes = Number(/content-length: (\d+)/i.exec(headers)?.[1] ?? 0);
    const text = rest.slice(start, start + bytes);
    answers.push({
      status: Number(status),
      headers: headers.toLowerCase(),
      body: text.startsWith("{") ? JSON.parse(text) : undefined,
    });
    rest = rest.slice(start + bytes);
  }
  return answers;
}

async function stillServes() {
  expect((await world.infer("echo", rowsOf([1, 2]))).status).toBe(200);
}

describe("request smuggling", () => {
  const hidden = "GET /v2/models HTTP/1.1\r\nHost: hidden\r\n\r\n";
  const corpus: Record<string, () => string> = {
    "Transfer-Encoding beside Content-Length": () =>
      infer(auth(), length(6), "Transfer-Encoding: chunked") + `0\r\n\r\n${hidden}`,
    "Content-Length beside Transfer-Encoding": () =>
      infer(auth(), "Transfer-Encoding: chunked", length(6)) + `0\r\n\r\n${hidden}`,
    "two equal Content-Lengths": () => infer(auth(), length(2), length(2)) + `{}${hidden}`,
    "two different Content-Lengths": () => infer(auth(), length(2), length(40)) + `{}${hidden}`,
    "a list of Content-Lengths": () => infer(auth(), "Content-Length: 2, 2") + `{}${hidden}`,
    "a signed Content-Length": () => infer(auth(), "Content-Length: +2") + `{}${hidden}`,
    "a negative Content-Length": () => infer(auth(), "Content-Length: -2") + `{}${hidden}`,
    "a hexadecimal Content-Length": () => infer(auth(), "Content-Length: 0x2") + `{}${hidden}`,
    "a Content-Length beyond 2^64": () => infer(auth(), "Content-Length: 99999999999999999999") + `{}${hidden}`,
    "an empty Content-Length": () => infer(auth(), "Content-Length:") + hidden,
    "a blank before the colon": () => infer(auth(), "Content-Length : 2") + `{}${hidden}`,
    "a bare LF after the request line": () => `POST /v2 HTTP/1.1\nHost: a\r\n\r\n${hidden}`,
    "a bare LF after a field": () => `GET /v2 HTTP/1.1\r\nHost: a\nX: b\r\n\r\n${hidden}`,
    "a bare LF at the end of the head": () => `GET /v2 HTTP/1.1\r\nHost: a\r\n\n${hidden}`,
    "a bare CR in a field": () => `GET /v2 HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n${hidden}`,
    "a NUL in a field": () => `GET /v2 HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n${hidden}`,
    "a folded field": () => infer(auth(), "X: a\r\n Content-Length: 2", length(2)) + `{}${hidden}`,
    "an unknown transfer coding": () => infer(auth(), "Transfer-Encoding: xchunked") + `0\r\n\r\n${hidden}`,
    "chunked with a vertical tab": () => infer(auth(), "Transfer-Encoding: \x0bchunked") + `0\r\n\r\n${hidden}`,
    "chunked in quotes": () => infer(auth(), 'Transfer-Encoding: "chunked"') + `0\r\n\r\n${hidden}`,
    "chunked that is not last": () => infer(auth(), "Transfer-Encoding: chunked, identity") + `0\r\n\r\n${hidden}`,
    "chunked twice": () => infer(auth(), "Transfer-Encoding: chunked", "Transfer-Encoding: chunked") + `0\r\n\r\n${hidden}`,
    "chunked in HTTP/1.0": () => infer(auth(), "Transfer-Encoding: chunked").replace("1.1", "1.0") + `0\r\n\r\n${hidden}`,
    "two Hosts": () => `GET /v2 HTTP/1.1\r\nHost: a\r\nHost: b\r\n${auth()}\r\n\r\n${hidden}`,
    "no Host": () => `GET /v2 HTTP/1.1\r\n${auth()}\r\n\r\n${hidden}`,
    "two credentials": () => `GET /v2 HTTP/1.1\r\nHost: a\r\n${auth()}\r\nAuthorization: Bearer x\r\n\r\n${hidden}`,
    "two Inference-Header-Content-Lengths": () =>
      infer(auth(), length(2), "Inference-Header-Content-Length: 1", "Inference-Header-Content-Length: 2") + `{}${hidden}`,
    "an absolute target": () => `GET http://elsewhere/v2 HTTP/1.1\r\nHost: a\r\n${auth()}\r\n\r\n${hidden}`,
    "an asterisk target": () => `OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n${hidden}`,
    "a lower-case method": () => `get /v2 HTTP/1.1\r\nHost: a\r\n\r\n${hidden}`,
    "the preface of HTTP/2": () => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${hidden}`,
    "bytes of TLS": () => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  };
  it.for(Object.keys(corpus))("is refused once, and the connection ends: %s", async (name) => {
    const answers = answersIn(await world.raw(corpus[name]!()));
    expect(answers).toHaveLength(1);
    const { status, body } = answers[0]!;
    expect(body?.code).toMatch(/^gateway\/(malformed-request|ambiguous-request|unsupported-coding)$/);
    expect(status).toBe(body?.code === "gateway/unsupported-coding" ? 501 : 400);
    expect(answers[0]!.headers).toContain("connection: close");
    await stillServes();
  });

  const chunked: Record<string, string> = {
    "a chunk size with a bare LF": "2\n{}\r\n0\r\n\r\n",
    "a chunk extension with a bare LF": "2;\n{}\r\n0\r\n\r\n",
    "chunk data with a bare LF": "2\r\n{}\n0\r\n\r\n",
    "a chunk size beyond 2^64": "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
    "a chunk size in 0x form": "0x2\r\n{}\r\n0\r\n\r\n",
  };
  it.for(Object.keys(chunked))("does not come through %s: chunked bodies are refused before they are read", async (name) => {
    const answers = answersIn(await world.raw(infer(auth(), "Transfer-Encoding: chunked") + chunked[name]! + hidden));
    expect(answers.map(({ status }) => status)).toEqual([411]);
    expect(answers[0]!.headers).toContain("connection: close");
  });

  it("answers two well-formed requests in one packet in their order", async () => {
    const two = infer(auth(), length(body.length)) + body + `GET /v2/models HTTP/1.1\r\nHost: a\r\n${auth()}\r\n\r\n`;
    const answers = answersIn(await world.raw(two, { answers: 2 }));
    expect(answers).toMatchObject([
      { status: 200, body: { model_name: "echo" } },
      { status: 200, body: { models: [{ name: "echo" }] } },
    ]);
  });

  it("takes no request that follows one which ended the connection", async () => {
    const answers = answersIn(await world.raw(infer(auth(), length(1)) + "{" + infer(auth(), length(body.length)) + body));
    expect(answers).toMatchObject([{ status: 400, body: { code: "gateway/bad-json" } }]);
  });
});

describe("heads", () => {
  it.for([
    ["too long", (): string => `GET /v2 HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431, "gateway/head-too-large"],
    [
      "of too many fields",
      (): string => `GET /v2 HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(100)}\r\n`,
      431,
      "gateway/head-too-large",
    ],
    [
      "with a URL beyond any path here",
      (): string => `GET /v2/${"x".repeat(3000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      414,
      "gateway/url-too-long",
    ],
    ["of another HTTP version", (): string => `GET /v2 HTTP/2.0\r\nHost: a\r\n\r\n`, 505, "gateway/unsupported-version"],
    [
      "with a compressed body",
      (): string => infer(auth(), "Content-Encoding: gzip", length(2)) + "{}",
      415,
      "gateway/unsupported-coding",
    ],
    [
      "with a strange transfer coding",
      (): string => infer(auth(), "Transfer-Encoding: gzip, chunked") + "0\r\n\r\n",
      501,
      "gateway/unsupported-coding",
    ],
    [
      "with a strange expectation",
      (): string => infer(auth(), "Expect: miracles", length(2)),
      417,
      "gateway/unsupported-expectation",
    ],
  ] as const)("%s are refused in the form that every refusal has", async ([, text, status, code]) => {
    const [answer] = answersIn(await world.raw(text(), { answers: 1 }));
    expect(answer).toMatchObject({ status, body: { code, request_id: expect.stringMatching(/^[0-9a-f]{12}-[0-9a-z]+$/) } });
    expect(answer!.headers).not.toMatch(/^server:|x-powered-by/m);
  });

  it("that never end are given up after the time for heads", async () => {
    const [answer] = answersIn(await impatient.raw("GET /v2 HTTP/1.1\r\nHos"));
    expect(answer).toMatchObject({ status: 408, body: { code: "gateway/too-slow" } });
  });

  it("of a tunnel get no tunnel", async () => {
    const answers = answersIn(await world.raw("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n"));
    expect(answers).toMatchObject([{ status: 405, body: { code: "gateway/method-not-allowed" } }]);
  });

  it("that ask for another protocol are answered in this one", async () => {
    const text = `GET /v2 HTTP/1.1\r\nHost: a\r\n${auth()}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n`;
    expect(answersIn(await world.raw(text, { answers: 1 }))).toMatchObject([{ status: 200 }]);
  });
});

describe("a refusal before the body", () => {
  it("comes without waiting for it, and ends the connection when the body is long", async () => {
    const answers = answersIn(await world.raw(infer(length(60_000_000)))); // whose body never comes
    expect(answers).toMatchObject([{ status: 401 }]);
    expect(answers[0]!.headers).toContain("connection: close");
  });

  it("reaches a client that is still sending megabytes", async () => {
    const sent = 4_000_000;
    const heard = await new Promise<string>((resolve) => {
      const socket = connect(world.port, "127.0.0.1");
      let text = "";
      socket.on("data", (chunk) => (text += chunk.toString()));
      socket.on("error", () => {});
      socket.on("close", () => resolve(text));
      socket.on("end", () => socket.end());
      socket.write(infer(length(sent)));
      socket.write(Buffer.alloc(sent, 32));
    });
    expect(answersIn(heard)).toMatchObject([{ status: 401 }]);
  });

  it("keeps the connection when the body is short, and the next request on it is read in its place", async () => {
    const text = infer(length(body.length)) + body + infer(auth(), length(body.length)) + body;
    const answers = answersIn(await world.raw(text, { answers: 2 }));
    expect(answers.map(({ status }) => status)).toEqual([401, 200]);
  });

  it("is all that a client gets who asked before sending", async () => {
    const heard = await world.raw(infer("Expect: 100-continue", length(body.length)));
    expect(heard).not.toContain("100 Continue");
    const answers = answersIn(heard);
    expect(answers).toMatchObject([{ status: 401 }]);
    expect(answers[0]!.headers).toContain("connection: close");
  });

  it("gives way to 100 Continue exactly when the body is wanted", async () => {
    const pieces = [infer(auth(), "Expect: 100-continue", length(body.length)), body];
    const heard = await world.raw(pieces, { pauseMs: 150, answers: 1 });
    expect(heard).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  });
});

describe("bodies", () => {
  it("in pieces of one byte are one body", async () => {
    const answers = answersIn(await world.raw([infer(auth(), length(body.length)), ...body], { pauseMs: 1, answers: 1 }));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answers).toHaveLength(1);
  });

  it("that trickle are given up after the time that a body may fall behind", async () => {
    const answers = answersIn(
      await impatient.raw([infer(`Authorization: Bearer ${impatient.key}`, length(5000)), ..." ".repeat(200)], { pauseMs: 20 }),
    );
    expect(answers).toMatchObject([{ status: 408, body: { code: "gateway/too-slow" } }]);
  });

  it("longer than the limit are refused by what the head says, not by reading them", async () => {
    const answers = answersIn(await world.raw(infer(auth(), length(2 ** 40))));
    expect(answers).toMatchObject([{ status: 413, body: { code: "gateway/body-too-large" } }]);
  });

  it("that end early cost the server nothing but an entry", async () => {
    const before = (await world.entries()).length;
    for (let i = 0; i < 20; i++) {
      const socket = connect(world.port, "127.0.0.1");
      socket.write(infer(auth(), "Expect: 100-continue", length(1000)));
      await once(socket, "data"); // now the body is waited for
      socket.write("{", () => socket.destroy());
    }
    await stillServes();
    const gone = async () => (await world.entries()).slice(before).filter(({ code }) => code === "gateway/client-gone").length;
    await expect.poll(gone, poll).toBe(20);
    expect(world.models.find("echo")!.runner.stats.pending).toBe(0);
  });
});

describe("any bytes at all", () => {
  it("get an answer in our form or the end of the connection, and the next client is served", async () => {
    const seed = infer(auth(), length(body.length)) + body;
    const mutation = fc.record({
      at: fc.nat(seed.length),
      cut: fc.nat(12),
      put: fc.oneof(
        fc.string({ unit: "binary", maxLength: 6 }),
        fc.constantFrom("\r\n", "\n", "\0", ": ", "HTTP/1.1", "chunked", "-1"),
      ),
    });
    const mutated = fc.array(mutation, { minLength: 1, maxLength: 4 }).map((mutations) => {
      let text = seed;
      for (const { at, cut, put } of mutations) text = text.slice(0, at) + put + text.slice(at + cut);
      return text;
    });
    await fc.assert(
      fc.asyncProperty(mutated, async (text) => {
        for (const { status, body: answer } of answersIn(await world.raw(text, { patienceMs: 40 }))) {
          expect(status).not.toBe(500);
          if (status >= 400) expect(answer?.code).toMatch(/^[a-z]+\/[a-z-]+$/);
        }
      }),
      { numRuns: 150 },
    );
    await stillServes();
  }, 60_000);

  it("do not bring the server down when a client asks for a tunnel and resets the connection", async () => {
    for (let i = 0; i < 20; i++) {
      const socket = connect(world.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n");
      setTimeout(() => socket.resetAndDestroy(), i % 4);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    await stillServes();
  });
});

describe("connections", () => {
  it("that say nothing are closed quietly: health checks and spare connections are nobody's fault", async () => {
    const before = (await impatient.entries()).length;
    expect(await impatient.raw("")).toBe("");
    expect((await impatient.entries()).length).toBe(before);
  });

  it("beyond an address's number are refused in words, and the place is free again afterwards", async () => {
    const small = await openWorld({ firewall: { connections: { perAddress: 3 } } });
    const get = `GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\n`;
    const held = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const socket = connect(small.port, "127.0.0.1");
        socket.write(get);
        await once(socket, "data"); // so it has its place
        return socket;
      }),
    );
    expect(answersIn(await small.raw(get))).toMatchObject([{ status: 429, body: { code: "firewall/too-many-connections" } }]);
    for (const socket of held) socket.destroy();
    await expect.poll(async () => answersIn(await small.raw(get, { answers: 1 })), poll).toMatchObject([{ status: 200 }]);
    await small.close();
  });
});
