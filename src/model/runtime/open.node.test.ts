// Starts workers from dist/: `npm run build` first.
import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digits, digitsModel, expectedLogits } from "../../../test/helpers/digits.ts";
import { GraphBuilder, makeTensor, stringTensor, tensorOf, toNumbers, writeModel } from "../onnx/index.ts";
import type { ElementType, Tensor } from "../onnx/index.ts";
import { openSession } from "./index.node.ts";
import type { Session } from "./index.node.ts";

const isolations = ["worker", "process"] as const;

/** y = x, for any type. */
function identity(type: ElementType): Uint8Array {
  const b = new GraphBuilder();
  b.output(b.op("Identity", [b.input("x", type, ["N"])]), type, ["N"]);
  return writeModel(b.model());
}

/** y = table[i]. */
function lookup(): Uint8Array {
  const b = new GraphBuilder();
  const table = b.initializer("table", tensorOf("float32", [3, 1], [10, 20, 30]));
  const [y] = b.call({ op: "Gather", inputs: [table, b.input("i", "int64", ["N"])], name: "emb/lookup" });
  b.output(y!, "float32", ["N", 1]);
  return writeModel(b.model());
}

/** Processes that a process started. */
function childrenOf(owner: number): number[] {
  const isChild = (pid: string): boolean => {
    try {
      return new RegExp(`^PPid:\\s+${owner}$`, "m").test(readFileSync(`/proc/${pid}/status`, "latin1"));
    } catch {
      return false;
    }
  };
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && isChild(name))
    .map(Number);
}

const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "fine",
    (error: unknown) => error,
  );

describe.for(isolations)("a session in a %s", (isolation) => {
  let session: Session;
  beforeAll(async () => {
    session = await openSession(digitsModel(), { isolation });
  });
  afterAll(() => session.close());

  it("says what the model takes and gives, and what it runs on", () => {
    expect(session).toMatchObject({
      inputs: [{ name: "input", type: "float32", dims: ["N", 1, 28, 28] }],
      outputs: [{ name: "logits", type: "float32", dims: ["N", 10] }],
      provider: "cpu",
      absent: [],
    });
  });

  it("computes what PyTorch computed", async () => {
    const { logits } = await session.run(digits(0, 16));
    const expected = expectedLogits(0, 16);
    for (const [i, value] of toNumbers(logits!).entries()) expect(value).toBeCloseTo(expected[i]!, 4);
  });

  it("leaves the caller's memory alone", async () => {
    const inputs = digits(3, 4);
    const before = Uint8Array.from(inputs.input.data);
    await Promise.all([session.run(inputs), session.run(inputs)]);
    expect(inputs.input.data).toEqual(before);
  });

  it("names what is wrong with the inputs, and goes on", async () => {
    const { input } = digits(0, 1);
    const wrong: [Record<string, Tensor>, string][] = [
      [{}, "input `input` is missing"],
      [{ input: { ...input, dims: [2, 1, 28, 28] } }, "input `input` has 3136 bytes, its shape [2,1,28,28] takes 6272"],
      [{ input: { ...input, type: "float64" } }, "input `input` is `float64`, the model takes float32"],
      [{ input: { ...input, dims: [-1, 1, 28, 28] } }, "dimensions [-1,1,28,28] are not a tensor's"],
      [{ input: { ...input, dims: [2 ** 40, 2 ** 40] } }, "dimensions [1099511627776,1099511627776] are not a tensor's"],
      [{ input: { ...input, dims: [1, 28, 28, 1] } }, "the inputs do not fit the model"],
      [{ input, more: input }, "the model has no input `more`"],
    ];
    for (const [inputs, message] of wrong) {
      const error = await outcome(session.run(inputs));
      expect(error).toMatchObject({ code: "runtime/bad-input", status: 400 });
      expect((error as Error).message).toContain(message);
    }
    expect(await outcome(session.run({ input }, { outputs: ["logit"] }))).toMatchObject({
      code: "runtime/bad-input",
      hint: "did you mean `logits`?",
    });
    expect(await outcome(session.run({ input }))).toBe("fine");
  });

  it("names the node that failed", async () => {
    const table = await openSession(lookup(), { isolation });
    const { values, ...rest } = await table
      .run({ i: tensorOf("int64", [2], [0, 2]) })
      .then((outputs) => ({ values: toNumbers(Object.values(outputs)[0]!) }));
    expect([values, rest]).toEqual([[10, 30], {}]);
    expect(await outcome(table.run({ i: tensorOf("int64", [1], [7]) }))).toMatchObject({
      code: "runtime/run-failed",
      status: 400,
      message: expect.stringContaining("node `emb/lookup` (Gather)"),
    });
    await table.close();
  });

  it("lets go of a caller who gives up, and of nobody else", async () => {
    const stop = new AbortController();
    const [given, kept] = [session.run(digits(0, 16), { signal: stop.signal }), session.run(digits(0, 1))];
    stop.abort(new Error("client left"));
    expect(await outcome(given)).toMatchObject({ code: "runtime/cancelled" });
    expect(await outcome(kept)).toBe("fine");
    expect(await outcome(session.run(digits(0, 1), { signal: AbortSignal.abort() }))).toMatchObject({
      code: "runtime/cancelled",
    });
  });

  it("finishes what it was asked before it closes, and takes nothing afterwards", async () => {
    const closing = await openSession(digitsModel(), { isolation });
    const asked = [closing.run(digits(0, 16)), closing.run(digits(0, 16))];
    const closed = closing.close();
    expect(await outcome(closing.run(digits(0, 1)))).toMatchObject({ code: "runtime/closed" });
    for (const work of asked) expect(await outcome(work)).toBe("fine");
    await closed;
  });

  it("refuses a damaged model in one line", async () => {
    const damaged = digitsModel();
    damaged.fill(0xff, 40, 60);
    const error = await outcome(openSession(damaged, { isolation }));
    expect(error).toHaveProperty("code", expect.stringMatching(/^(onnx|runtime)\//));
    expect((error as Error).message).not.toContain("\n");
  });

  it("refuses a model whose types do not fit, with the node", async () => {
    const b = new GraphBuilder();
    const [x, i] = [b.input("x", "float32", ["N"]), b.input("i", "int64", ["N"])];
    const [y] = b.call({ op: "Add", inputs: [x, i], name: "sum" });
    b.output(y!, "float32", ["N"]);
    expect(await outcome(openSession(writeModel(b.model()), { isolation }))).toMatchObject({
      code: "runtime/load-refused",
      status: 422,
      message: expect.stringContaining("at node `sum`"),
    });
  });
});

describe("element types", () => {
  const samples: Tensor[] = [
    ...(["int8", "int16", "int32", "int64"] as const).map((type) => tensorOf(type, [3], [-2, 0, 100])),
    ...(["uint8", "uint16", "uint32", "uint64"] as const).map((type) => tensorOf(type, [3], [0, 1, 200])),
    ...(["float16", "float32", "float64"] as const).map((type) =>
      tensorOf(type, [4], [-1.5, Number.NaN, Number.POSITIVE_INFINITY, 0]),
    ),
    tensorOf("bool", [2], [1, 0]),
    stringTensor([4], ["", "naïve 猫 😀", "\n\t", "\ufeffx"]),
    tensorOf("int64", [2], [9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n]),
    tensorOf("float32", [0], []),
    stringTensor([0], []),
  ];

  it.for(samples.flatMap((tensor) => isolations.map((isolation) => [tensor.type, isolation, tensor] as const)))(
    "%s goes through a %s unchanged",
    async ([type, isolation, tensor]) => {
      const session = await openSession(identity(type), { isolation });
      // Also from memory that is not aligned, as bytes out of a request body are not.
      const body = new Uint8Array(tensor.data.length + 1);
      body.set(tensor.data, 1);
      for (const data of [tensor.data, body.subarray(1), Buffer.from(body).subarray(1)]) {
        const [y] = Object.values(await session.run({ x: { ...tensor, data } }));
        expect({ ...y!, data: [...y!.data] }).toEqual({ ...tensor, data: [...tensor.data] });
      }
      await session.close();
    },
  );

  it("of text may not hold a zero byte, where ONNX Runtime would cut it unseen", async () => {
    const session = await openSession(identity("string"));
    expect(await outcome(session.run({ x: stringTensor([1], ["admin\0x"]) }))).toMatchObject({ code: "runtime/bad-input" });
    await session.close();
  });

  it("that ONNX Runtime cannot exchange are named, with a way out", async () => {
    expect(await outcome(openSession(identity("bfloat16")))).toMatchObject({
      code: "runtime/unsupported-type",
      hint: expect.stringContaining("cast"),
    });
  });
});

describe("execution providers", () => {
  it("are taken in order of preference, and those not here are reported", async () => {
    const session = await openSession(digitsModel(), { providers: ["abacus", "cpu"] });
    expect(session).toMatchObject({ provider: "cpu", absent: ["abacus"] });
    await session.close();
  });

  it("must not all be absent", async () => {
    expect(await outcome(openSession(digitsModel(), { providers: ["abacus", "quipu"] }))).toMatchObject({
      code: "runtime/no-provider",
      message: "no execution provider of `abacus`, `quipu` is available here",
      hint: expect.stringContaining("add cpu"),
    });
  });
});

describe("external data", () => {
  it("is used when its bytes are given", async () => {
    const b = new GraphBuilder();
    const w = {
      ...makeTensor("float32", [0], new Uint8Array(0)),
      dims: [2],
      external: { location: "w.bin", offset: 0, length: 8 },
    };
    b.output(b.op("Add", [b.input("x", "float32", [2]), b.initializer("w", w)]), "float32", [2]);
    const bytes = writeModel(b.model());
    const data = tensorOf("float32", [2], [10, 20]).data;
    for (const isolation of isolations) {
      const session = await openSession(bytes, { isolation, externalData: new Map([["w.bin", data]]) });
      expect(toNumbers(Object.values(await session.run({ x: tensorOf("float32", [2], [1, 2]) }))[0]!)).toEqual([11, 22]);
      await session.close();
    }
    expect(await outcome(openSession(bytes))).toMatchObject({ code: "runtime/external-data" });
  });
});

describe("the same thread count", () => {
  it("gives the same bits, in a worker and in a process", async () => {
    const all = isolations.flatMap((isolation) => [isolation, isolation]);
    const sessions = await Promise.all(all.map((isolation) => openSession(digitsModel(), { isolation, threads: 1 })));
    const answers = await Promise.all(sessions.map((session) => session.run(digits(0, 16))));
    for (const { logits } of answers)
      expect(Buffer.compare(Buffer.from(logits!.data), Buffer.from(answers[0]!["logits"]!.data))).toBe(0);
    await Promise.all(sessions.map((session) => session.close()));
  });
});

const face = new URL("../../../dist/model/runtime/index.node.js", import.meta.url).href;
const modelPath = new URL("../../../examples/models/digits.onnx", import.meta.url).pathname;

describe("a missing ONNX Runtime", () => {
  it("is an error that says how to install it", async () => {
    const hook = `export async function resolve(name, context, next) {
      if (name === "onnxruntime-node") throw Object.assign(new Error("not there"), { code: "ERR_MODULE_NOT_FOUND" });
      return next(name, context);
    }`;
    const script = `
      import { register } from "node:module";
      register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hook)}));
      const { loadOrtNode } = await import(${JSON.stringify(new URL("ort.node.js", face).href)});
      await loadOrtNode().catch((error) => console.log(JSON.stringify({ ...error.toJSON(), status: error.status })));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
    expect(JSON.parse(stdout)).toMatchObject({
      code: "runtime/not-installed",
      hint: "npm install onnxruntime-node@1.30",
      status: 503,
    });
  });
});

describe("the end of the process", () => {
  it("takes a model's process along, also when it is sudden and the model is busy", async () => {
    const script = `
      import { readFileSync } from "node:fs";
      const { openSession } = await import(${JSON.stringify(face)});
      const session = await openSession(readFileSync(process.argv[1]), { isolation: "process" });
      const rows = 16000;
      session.run({ input: { type: "float32", dims: [rows, 1, 28, 28], data: new Uint8Array(rows * 3136) } }).catch(() => {});
      setTimeout(() => process.kill(process.pid, "SIGKILL"), 60);`;
    const owner = spawn(process.execPath, ["--input-type=module", "-e", script, modelPath], { stdio: "ignore" });
    const seen = new Set<number>();
    const look = setInterval(() => childrenOf(owner.pid!).forEach((pid) => seen.add(pid)), 5);
    await new Promise((resolve) => owner.once("exit", resolve));
    clearInterval(look);
    expect(owner.signalCode).toBe("SIGKILL");
    expect(seen.size).toBeGreaterThan(0);
    const alive = (): number[] => [...seen].filter((pid) => existsSync(`/proc/${pid}/exe`));
    for (let waited = 0; alive().length > 0 && waited < 10_000; waited += 20) await sleep(20);
    expect(alive()).toEqual([]);
  });

  it("waits for a run in a thread instead of aborting", async () => {
    const script = `
      import { readFileSync } from "node:fs";
      const { openSession } = await import(${JSON.stringify(face)});
      const session = await openSession(readFileSync(process.argv[1]));
      const rows = 8000;
      const run = session.run({ input: { type: "float32", dims: [rows, 1, 28, 28], data: new Uint8Array(rows * 3136) } });
      run.catch(() => {});
      setTimeout(() => process.exit(7), 30);`;
    const error: unknown = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, modelPath]).catch(
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ code: 7, signal: null });
  });
});
