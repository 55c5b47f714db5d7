import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { attacks, openRemoteTarget, openTarget, runAttack } from "../index.node.ts";
import type { AttackTarget } from "../index.node.ts";
import { digits, digitsModel } from "../../../../test/helpers/digits.ts";
import { toFloat } from "../../../model/onnx/index.ts";

const x = toFloat(digits(0, 4).input).slice();
let local: AttackTarget;
let labels: Int32Array;
/** How the server behaves; a test turns it. */
const mood = { answered: 0, limitEvery: 0, banAfter: Infinity, seen: 0, binary: true };

/** A server that speaks the protocol in front of the digit model, and loses patience. */
const server = createServer((request, response) => {
  if (request.headers.authorization !== "Bearer k") return response.writeHead(401).end("{}");
  if (request.method === "GET") {
    return response.end(
      JSON.stringify({
        name: "digits",
        extensions: mood.binary ? ["binary_tensor_data"] : [],
        inputs: [{ name: "input", datatype: "FP32", shape: [-1, 1, 28, 28] }],
        outputs: [{ name: "logits", datatype: "FP32", shape: [-1, 10] }],
      }),
    );
  }
  mood.seen++;
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  return request.on("end", async () => {
    if (mood.answered >= mood.banAfter) return response.writeHead(403).end('{"error":"banned"}');
    if (mood.limitEvery > 0 && mood.seen % mood.limitEvery === 0)
      return response.writeHead(429, { "retry-after": "2" }).end("{}");
    const body = Buffer.concat(chunks);
    if (!mood.binary) return response.end(await answeredInJson(body.toString()));
    const head = Number(request.headers["inference-header-content-length"]);
    const { inputs } = JSON.parse(body.subarray(0, head).toString()) as { inputs: { shape: number[] }[] };
    const count = inputs[0]!.shape[0]!;
    const data = new Float32Array(new Uint8Array(body.subarray(head)).buffer);
    const scores = await local.scores!({ x: data, count });
    mood.answered += count;
    const bytes = Buffer.from(scores.buffer, scores.byteOffset, scores.byteLength);
    const json = Buffer.from(
      JSON.stringify({
        outputs: [{ name: "logits", datatype: "FP32", shape: [count, 10], parameters: { binary_data_size: bytes.length } }],
      }),
    );
    response.writeHead(200, { "inference-header-content-length": String(json.length) }).end(Buffer.concat([json, bytes]));
  });
});
/** As a server answers that knows nothing but the protocol. */
async function answeredInJson(text: string): Promise<string> {
  const { inputs } = JSON.parse(text) as { inputs: { shape: number[]; data: number[]; datatype: string }[] };
  const [{ shape, data, datatype }] = inputs as [(typeof inputs)[number]];
  expect(datatype).toBe("FP32");
  const scores = await local.scores!({ x: Float32Array.from(data), count: shape[0]! });
  mood.answered += shape[0]!;
  return JSON.stringify({ outputs: [{ name: "logits", datatype: "FP32", shape: [shape[0], 10], data: [...scores] }] });
}

let url = "";
const waits: number[] = [];
const options = { key: "k", sleep: async (ms: number) => void waits.push(ms) };

beforeAll(async () => {
  local = await openTarget(digitsModel());
  labels = await local.decide({ x, count: 4 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/models/digits`;
});
afterAll(async () => {
  server.close();
  await local.close();
});

const threat = { norm: "linf" as const, epsilons: [0.3], bounds: { low: 0, high: 1 } };
const run = (target: AttackTarget, extra: object = {}) =>
  runAttack(attacks.get("square"), { target, x, labels, threat, params: { queries: 60 }, ...extra });

describe("a model on a server", () => {
  it("is attacked with the same result as the file itself, and every answer is counted", async () => {
    Object.assign(mood, { answered: 0, limitEvery: 0, banAfter: Infinity });
    const target = await openRemoteTarget(url, options);
    const [remote, near] = [await run(target), await run(local)];
    expect(target.knowledge).toBe("scores");
    expect([...remote.distance]).toEqual([...near.distance]);
    expect(remote.totalQueries).toBe(mood.answered);
  });

  it("that knows no binary tensors is asked in JSON, with the same result", async () => {
    Object.assign(mood, { binary: false });
    try {
      const target = await openRemoteTarget(url, options);
      const [here, there] = [await local.scores!({ x, count: 4 }), await target.scores!({ x, count: 4 })];
      expect([...there]).toEqual([...here]);
    } finally {
      Object.assign(mood, { binary: true });
    }
  });

  it("is waited for as long as it says", async () => {
    Object.assign(mood, { answered: 0, limitEvery: 5, banAfter: Infinity });
    waits.length = 0;
    const result = await run(await openRemoteTarget(url, options));
    expect(result.stopped).toBeUndefined();
    expect(waits.length).toBeGreaterThan(0);
    expect(new Set(waits)).toEqual(new Set([2000]));
    expect(result.totalQueries).toBe(mood.answered);
  });

  it("may ban us: what was learnt is told, and a later run goes on from there", async () => {
    Object.assign(mood, { answered: 0, limitEvery: 0, banAfter: 30 });
    const target = await openRemoteTarget(url, options);
    const result = await run(target);
    expect(result.stopped).toMatchObject({ reason: "refused" });
    expect(result.stopped!.message).toContain("banned");
    expect([...result.clean]).toEqual([1, 1, 1, 1]);
    mood.banAfter = Infinity;
    const later = await run(target, { resume: result.state });
    expect(later.stopped).toBeUndefined();
    expect(later.totalQueries).toBeGreaterThan(result.totalQueries);
  });

  it("is refused to strangers with a reason", async () => {
    await expect(openRemoteTarget(url, { sleep: options.sleep })).rejects.toMatchObject({ code: "attack/refused" });
    await expect(openRemoteTarget("http://127.0.0.1:9/v2/models/x", { sleep: options.sleep, attempts: 2 })).rejects.toMatchObject(
      { code: "attack/unreachable" },
    );
  });
});

describe("a server with a detector", () => {
  it("refuses a whole request for one example: the others are asked again, and a refusal is no answer", async () => {
    const asked: number[] = [];
    const guarded: typeof fetch = async (input, init) => {
      if (init?.method !== "POST") return fetch(input, init);
      const body = Buffer.from(init.body as Uint8Array);
      const head = body.indexOf("}]}") + 3;
      const length = Number((init.headers as Record<string, string>)["inference-header-content-length"] ?? head);
      const values = new Float32Array(new Uint8Array(body.subarray(length)).buffer);
      asked.push(values.length / 784);
      const flagged = Array.from({ length: values.length / 784 }, (_, row) => values[row * 784]!).some((first) => first === 1);
      return flagged ? new Response('{"code":"gateway/suspicious-input"}', { status: 422 }) : fetch(input, init);
    };
    const target = await openRemoteTarget(url, { ...options, fetch: guarded });
    const odd = x.slice();
    odd[784] = 1;
    expect(await target.decide({ x: odd, count: 4 })).toEqual(Int32Array.of(labels[0]!, -1, labels[2]!, labels[3]!));
    expect(asked).toEqual([4, 1, 1, 1, 1]);
    expect(target.notes.join()).toContain("refuses inputs that it suspects");
  });

  it.for([
    ["a score", [-2, 3], [0, -2, 0, 3]],
    ["a probability", [0.25, 0.75], [Math.log(0.75), Math.log(0.25), Math.log(0.25), Math.log(0.75)]],
  ] as const)("that gives %s for each example, a label beside it, tells two classes apart", async ([, answer, expected]) => {
    const answers: typeof fetch = async (_url, init) =>
      Response.json(
        init?.method === "POST"
          ? { outputs: [{ name: "y", datatype: "FP32", shape: [2, 1], data: answer }] }
          : {
              inputs: [{ name: "x", datatype: "FP32", shape: [-1, 2] }],
              outputs: [
                { name: "label", datatype: "INT64", shape: [-1] },
                { name: "y", datatype: "FP32", shape: [-1, 1] },
              ],
            },
      );
    const target = await openRemoteTarget("http://127.0.0.1/v2/models/m", { fetch: answers });
    expect(target.classes).toBe(2);
    const rows = { x: new Float32Array(4), count: 2 };
    for (const [i, value] of (await target.scores!(rows)).entries()) expect(value).toBeCloseTo(expected[i]!, 6);
    expect([...(await target.decide(rows))]).toEqual([0, 1]);
    expect(target.notes[0]).toContain("a single score");
  });
});
