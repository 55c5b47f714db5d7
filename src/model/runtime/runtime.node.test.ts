// Starts workers from dist/: `npm run build` first.
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { digitCount, digits, digitsContract, digitsModel, expectedLogits } from "../../../test/helpers/digits.ts";
import { systemClock } from "../../base/port/index.ts";
import { GraphBuilder, tensorOf, toNumbers, writeModel } from "../onnx/index.ts";
import type { Tensor } from "../onnx/index.ts";
import { createRuntime } from "./index.node.ts";
import type { LoadOptions, ModelRunner } from "./index.node.ts";

const isolations = ["worker", "process"] as const;
const runtime = createRuntime({ cores: 2 });
afterAll(() => runtime.close());

const loadDigits = (options: Partial<LoadOptions> = {}): Promise<ModelRunner> =>
  runtime.load({ name: "digits", bytes: digitsModel(), contract: digitsContract, isolation: "worker", ...options });

const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "fine",
    (error: unknown) => error,
  );
const first = (outputs: Record<string, Tensor>): number[] => toNumbers(Object.values(outputs)[0]!);

/** Processes of ours that run models. */
function modelProcesses(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
        return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("child-entry");
      } catch {
        return false;
      }
    });
}

/** s: int64[2] → zeros of that shape: as large an answer, or as much memory, as one asks for. */
function zeros(): Pick<LoadOptions, "name" | "bytes" | "contract"> {
  const b = new GraphBuilder();
  const [y] = b.call({ op: "ConstantOfShape", inputs: [b.input("s", "int64", [2])], name: "bomb" });
  const small = b.op("ReduceMax", [y!], { keepdims: 0 });
  b.output(small, "float32", []);
  b.output(y!, "float32", [null, null]);
  return {
    name: "zeros",
    bytes: writeModel(b.model()),
    contract: {
      inputs: [{ name: "s", type: "int64", dims: [2] }],
      outputs: [
        { name: small, type: "float32", dims: [] },
        { name: y!, type: "float32", dims: [null, null] },
      ],
      batch: "none",
      maxBatch: 1,
    },
  };
}

/** i: int64[N, 1] → table[i]: fails for rows out of range. */
function lookup(): Pick<LoadOptions, "name" | "bytes" | "contract"> {
  const b = new GraphBuilder();
  const [y] = b.call({
    op: "Gather",
    inputs: [b.initializer("table", tensorOf("float32", [5], [0, 10, 20, 30, 40])), b.input("i", "int64", ["N", 1])],
    name: "lookup",
  });
  b.output(y!, "float32", ["N", 1]);
  return {
    name: "lookup",
    bytes: writeModel(b.model()),
    contract: {
      inputs: [{ name: "i", type: "int64", dims: ["N", 1] }],
      outputs: [{ name: y!, type: "float32", dims: ["N", 1] }],
      batch: "dynamic",
      maxBatch: 64,
    },
  };
}

/** Many matrix products in a row: about a quarter of a second for 512 rows, on two cores. */
function slow(): Pick<LoadOptions, "name" | "bytes" | "contract"> {
  const b = new GraphBuilder();
  const w = b.initializer("w", tensorOf("float32", [512, 512], new Float32Array(512 * 512).fill(0.001)));
  let y = b.input("x", "float32", ["N", 512]);
  for (let i = 0; i < 60; i++) y = b.op("Tanh", [b.op("MatMul", [y, w])]);
  b.output(y, "float32", ["N", 512]);
  return {
    name: "slow",
    bytes: writeModel(b.model()),
    contract: {
      inputs: [{ name: "x", type: "float32", dims: ["N", 512] }],
      outputs: [{ name: y, type: "float32", dims: ["N", 512] }],
      batch: "dynamic",
      maxBatch: 4096,
    },
  };
}

const slowRows = (rows: number): { x: Tensor } => ({
  x: tensorOf("float32", [rows, 512], new Float32Array(rows * 512).fill(0.5)),
});

describe.for(isolations)("a model in a %s", (isolation) => {
  it("answers many requests at once with what PyTorch says, sharing runs", async () => {
    const model = await loadDigits({ isolation });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => model.run(digits(i % digitCount, (i % digitCount) + 1))),
    );
    for (const [i, { outputs }] of answers.entries()) {
      const expected = expectedLogits(i % digitCount, (i % digitCount) + 1);
      expect(outputs["logits"]!.dims).toEqual([1, 10]);
      for (const [k, value] of first(outputs).entries()) expect(value).toBeCloseTo(expected[k]!, 4);
    }
    expect(Math.max(...answers.map((answer) => answer.batchRows))).toBeGreaterThan(10);
    expect(model.stats).toMatchObject({ state: "ready", requests: 200, rows: 200, queuedRequests: 0, pending: 0, losses: 0 });
    expect(model.stats.runs).toBeLessThan(100);
    await model.close();
  });

  it("gives each request its share of the run's time, by rows", async () => {
    const model = await loadDigits({ isolation });
    const [one, three] = await Promise.all([model.run(digits(0, 1)), model.run(digits(1, 4))]);
    expect(one.batchRows).toBe(4);
    expect(three.modelMs).toBeCloseTo(3 * one.modelMs, 6);
    expect(one.modelMs).toBeGreaterThan(0);
    expect(one.queueMs).toBeGreaterThanOrEqual(0);
    await model.close();
  });

  it("gives a row the same answer whoever is in the run with it", async () => {
    const model = await loadDigits({ isolation });
    const verdict = model.stats.batching;
    expect(verdict).toMatchObject({ independent: true });
    const alone = new Map<string, number[]>();
    for (let i = 0; i < digitCount; i++) alone.set(`${i}`, first((await model.run(digits(i, i + 1))).outputs));
    const anyRequest = fc
      .tuple(fc.nat(digitCount - 1), fc.integer({ min: 1, max: 5 }))
      .map(([from, rows]) => [from, Math.min(digitCount, from + rows)] as const);
    await fc.assert(
      fc.asyncProperty(fc.array(anyRequest, { minLength: 1, maxLength: 24 }), async (requests) => {
        const answers = await Promise.all(requests.map(([from, to]) => model.run(digits(from, to))));
        for (const [i, [from, to]] of requests.entries()) {
          const expected = Array.from({ length: to - from }, (_, row) => alone.get(`${from + row}`)!).flat();
          const scale = Math.max(...expected.map(Math.abs));
          // The guarantee: rounding may differ with the size of the run, by what was measured at load and no material amount.
          for (const [k, value] of first(answers[i]!.outputs).entries())
            expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-5 * scale);
        }
      }),
      { numRuns: 60 },
    );
    await model.close();
  });

  it("lets a row that makes a run fail, fail alone", async () => {
    const model = await runtime.load({ ...lookup(), isolation });
    const index = (i: number): { i: Tensor } => ({ i: tensorOf("int64", [1, 1], [i]) });
    await model.run(index(0));
    const answers = await Promise.all(
      [0, 1, 99, 3, -77, 4].map((i) =>
        model.run(index(i)).then(
          ({ outputs }) => first(outputs)[0],
          (error: unknown) => error,
        ),
      ),
    );
    expect(answers.filter((answer) => typeof answer === "number")).toEqual([0, 10, 30, 40]);
    for (const failed of [answers[2], answers[4]]) {
      expect(failed).toMatchObject({ code: "runtime/run-failed", message: expect.stringContaining("node `lookup` (Gather)") });
    }
    expect(model.stats).toMatchObject({ state: "ready", losses: 0 });
    await model.close();
  });

  it("answers nobody with more bytes than an answer may have", async () => {
    const model = await runtime.load({ ...zeros(), isolation, maxOutputBytes: 2 ** 20 });
    const [small, large] = Object.keys((await model.run({ s: tensorOf("int64", [2], [2, 3]) })).outputs);
    const s = tensorOf("int64", [2], [1000, 1000]);
    expect(await outcome(model.run({ s }))).toMatchObject({ code: "runtime/output-too-large", status: 400 });
    expect(await outcome(model.run({ s }, { outputs: [large!] }))).toMatchObject({ code: "runtime/output-too-large" });
    expect(await outcome(model.run({ s }, { outputs: [small!] }))).toBe("fine");
    await model.close();
  });

  it("keeps the event loop of the caller free while it runs", async () => {
    const model = await runtime.load({ ...slow(), isolation });
    let longest = 0;
    let ticks = 0;
    let last = performance.now();
    const tick = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
      ticks++;
    }, 1);
    const started = performance.now();
    await Promise.all([model.run(slowRows(1024)), model.run(slowRows(1024))]);
    const took = performance.now() - started;
    clearInterval(tick);
    // ONNX Runtime on this thread would leave one gap as long as the run. How much shorter it is depends on who else wants the cores.
    expect(ticks).toBeGreaterThan(10);
    expect(longest).toBeLessThan(took / 2);
    await model.close();
  });

  it("drops a request whose deadline passed before it ran, and tells it in time", async () => {
    const model = await runtime.load({ ...slow(), isolation });
    expect(await outcome(model.run(slowRows(1), { deadlineMs: systemClock.monotonic() - 1 }))).toMatchObject({
      code: "runtime/deadline",
    });
    const running = model.run(slowRows(1024));
    await sleep(5);
    const asked = systemClock.monotonic();
    const late = await outcome(model.run(slowRows(1), { deadlineMs: asked + 20 }));
    expect(late).toMatchObject({ code: "runtime/deadline", status: 504 });
    expect(systemClock.monotonic() - asked).toBeLessThan(150);
    expect(model.stats).toMatchObject({ queuedRequests: 0, queuedRows: 0, queuedBytes: 0 });
    const { requests } = model.stats;
    await running;
    expect(model.stats.requests).toBe(requests + 1);
    await model.close();
  });

  it("forgets a request whose caller gave up, without a trace in the queue", async () => {
    const model = await runtime.load({ ...slow(), isolation });
    const running = model.run(slowRows(256));
    await sleep(5);
    const stop = new AbortController();
    const given = outcome(model.run(slowRows(1), { signal: stop.signal }));
    expect(model.stats.queuedRequests).toBe(1);
    stop.abort();
    expect(await given).toMatchObject({ code: "runtime/cancelled", status: 499 });
    expect(model.stats).toMatchObject({ queuedRequests: 0, queuedBytes: 0, pending: 1 });
    await running;
    await model.close();
  });

  it("expects to wait longer the more is in line", async () => {
    const model = await runtime.load({ ...slow(), isolation });
    await model.run(slowRows(64));
    await model.run(slowRows(16));
    const idle = model.expectedWaitMs(16);
    const work = Array.from({ length: 8 }, () => model.run(slowRows(64)));
    const busy = model.expectedWaitMs(16);
    expect(idle).toBeGreaterThan(0);
    expect(busy).toBeGreaterThan(idle);
    await Promise.all(work);
    await model.close();
    expect(model.expectedWaitMs()).toBe(Number.POSITIVE_INFINITY);
  });

  it("refuses when its line is full, and says when to come back", async () => {
    const model = await runtime.load({ ...slow(), isolation, maxQueued: 2 });
    const running = model.run(slowRows(256));
    await sleep(5);
    const waiting = [model.run(slowRows(1)), model.run(slowRows(1))];
    expect(await outcome(model.run(slowRows(1)))).toMatchObject({
      code: "runtime/overloaded",
      status: 503,
      retryAfterSeconds: expect.any(Number),
    });
    await Promise.all([running, ...waiting]);
    await model.close();
  });

  it("answers everybody who is in line before it closes", async () => {
    const model = await loadDigits({ isolation });
    const work = Array.from({ length: 50 }, () => outcome(model.run(digits(0, 4))));
    const closed = model.close();
    expect(await outcome(model.run(digits(0, 1)))).toMatchObject({ code: "runtime/closed", status: 503 });
    expect(new Set(await Promise.all(work))).toEqual(new Set(["fine"]));
    await closed;
    expect(model.stats.state).toBe("closed");
  });

  it("ends soon when nobody wants to wait for a long run", async () => {
    const model = await runtime.load({ ...slow(), isolation });
    const running = outcome(model.run(slowRows(4096)));
    await sleep(20);
    await model.close(50);
    // Its answer would have come long after.
    expect(await running).toMatchObject({ code: "runtime/closed" });
  });

  it("never puts requests of different keys into one run, even where a key imitates another's outputs", async () => {
    const model = await loadDigits({ isolation });
    const keys: { batchKey?: string; outputs?: string[] }[] = [
      { batchKey: "alice" },
      { batchKey: "bob" },
      {},
      { batchKey: "alice#5;logits" },
      { batchKey: "alice", outputs: ["logits"] },
    ];
    const answers = await Promise.all(
      keys.flatMap((options) => [model.run(digits(0, 1), options), model.run(digits(1, 2), options)]),
    );
    expect(answers.map((answer) => answer.batchRows)).toEqual(answers.map(() => 2));
    await model.close();
  });

  it("takes a batch of no rows, alone", async () => {
    const model = await loadDigits({ isolation });
    const none = { input: { ...digits(0, 1).input, dims: [0, 1, 28, 28], data: new Uint8Array(0) } };
    const [empty, one] = await Promise.all([model.run(none), model.run(digits(0, 1))]);
    expect(empty.outputs["logits"]!.dims).toEqual([0, 10]);
    expect(one.batchRows).toBe(1);
    await model.close();
  });
});

describe("a model that nobody vouches for", () => {
  it("may be killed at any time: its requests get 503, later ones are answered, other models do not notice", async () => {
    const [victim, other] = [await loadDigits({ name: "victim", isolation: "process" }), await loadDigits({ name: "other" })];
    const stop = new AbortController();
    const codes = new Map<string, number>();
    const load = (model: ModelRunner): Promise<void>[] =>
      Array.from({ length: 8 }, async () => {
        while (!stop.signal.aborted) {
          const end = await outcome(model.run(digits(0, 4)));
          const code = end === "fine" ? "fine" : (end as { code: string }).code;
          codes.set(
            `${model === victim ? "victim" : "other"} ${code}`,
            (codes.get(`${model === victim ? "victim" : "other"} ${code}`) ?? 0) + 1,
          );
        }
      });
    const work = [...load(victim), ...load(other)];
    const inFlight = async (): Promise<void> => {
      while (victim.stats.live === 0 || victim.stats.pending === 0) await sleep(5);
    };
    for (let i = 0; i < 4; i++) {
      await inFlight();
      await sleep(50);
      for (const pid of modelProcesses()) process.kill(pid, i % 2 === 0 ? "SIGKILL" : "SIGSEGV");
      while (victim.stats.losses === i) await sleep(5);
    }
    await inFlight();
    await sleep(50);
    stop.abort();
    await Promise.all(work);
    expect([...codes.keys()].sort()).toEqual(["other fine", "victim fine", "victim runtime/worker-lost"]);
    expect(victim.stats).toMatchObject({ state: "ready", losses: 4 });
    expect(await outcome(victim.run(digits(0, 1)))).toBe("fine");
    await Promise.all([victim.close(), other.close()]);
    expect(modelProcesses()).toEqual([]);
  });

  it("counts as unhealthy when its processes die one after another, and is well again after one run", async () => {
    const model = await loadDigits({ isolation: "process" });
    while (model.stats.state !== "unhealthy") {
      for (const pid of modelProcesses()) process.kill(pid, "SIGKILL");
      await sleep(5);
    }
    expect(await outcome(model.run(digits(0, 1)))).toMatchObject({
      code: "runtime/unhealthy",
      status: 503,
      retryAfterSeconds: 10,
    });
    expect(model.expectedWaitMs()).toBe(Number.POSITIVE_INFINITY);
    while (model.stats.live === 0) await sleep(20);
    expect(modelProcesses().length).toBe(1);
    expect(await outcome(model.run(digits(0, 1)))).toBe("fine");
    expect(model.stats.state).toBe("ready");
    await model.close();
  });

  it("cannot take more memory than it may while it runs, and serves on", async () => {
    const model = await runtime.load({ ...zeros(), isolation: "process", memoryBytes: 200 * 2 ** 20 });
    const ask = (rows: number): Promise<unknown> =>
      outcome(model.run({ s: tensorOf("int64", [2], [rows, 1000]) }, { outputs: [model.stats && "reducemax"] }));
    expect(await ask(1000)).toBe("fine");
    for (const rows of [100_000, 1_000_000, 2 ** 31]) {
      const error = await ask(rows);
      expect(error).toMatchObject({ status: 503, code: expect.stringMatching(/^runtime\/(out-of-memory|worker-lost)$/) });
    }
    expect(await ask(1000)).toBe("fine");
    await model.close();
  });

  it("is stopped when a run never ends", async () => {
    const b = new GraphBuilder();
    const body = new GraphBuilder();
    body.input("step", "int64", []);
    const [go, value] = [body.input("go", "bool", []), body.input("value", "float32", [1])];
    body.output(body.op("Identity", [go]), "bool", []);
    body.output(body.op("Sin", [value]), "float32", [1]);
    const [y] = b.call({
      op: "Loop",
      inputs: ["", b.input("go0", "bool", []), b.input("x", "float32", [1])],
      attributes: { body: body.build() },
    });
    b.output(y!, "float32", [1]);
    const model = await runtime.load({
      name: "loop",
      bytes: writeModel(b.model()),
      contract: {
        inputs: [
          { name: "go0", type: "bool", dims: [] },
          { name: "x", type: "float32", dims: [1] },
        ],
        outputs: [{ name: y!, type: "float32", dims: [1] }],
        batch: "none",
        maxBatch: 1,
      },
      isolation: "process",
      runTimeoutMs: 300,
    });
    expect(await outcome(model.run({ go0: tensorOf("bool", [], [1]), x: tensorOf("float32", [1], [1]) }))).toMatchObject({
      code: "runtime/run-limit",
      status: 503,
    });
    await model.close();
  });
});

describe("a model of which nothing is proven", () => {
  /** y = x, or the mean of the batch where x is beyond what any probe tries. */
  function trojan(): Pick<LoadOptions, "name" | "bytes" | "contract"> {
    const b = new GraphBuilder();
    const x = b.input("x", "float32", ["N", 1]);
    const mean = b.op("ReduceMean", [x, b.ints([0])], { keepdims: 1 });
    const y = b.op("Where", [b.op("Greater", [x, b.scalar("float32", 1e6)]), mean, x]);
    b.output(y, "float32", ["N", 1]);
    return {
      name: "trojan",
      bytes: writeModel(b.model()),
      contract: {
        inputs: [{ name: "x", type: "float32", dims: ["N", 1] }],
        outputs: [{ name: y, type: "float32", dims: ["N", 1] }],
        batch: "dynamic",
        maxBatch: 64,
      },
    };
  }

  it("shares a run only among requests of one key, when nobody vouches for it either", async () => {
    const model = await runtime.load({ ...trojan(), isolation: "process" });
    expect(model.stats.batching).toMatchObject({ independent: true, proven: false });
    const ask = (value: number, batchKey?: string) =>
      model.run({ x: tensorOf("float32", [1, 1], [value]) }, batchKey === undefined ? {} : { batchKey });
    const strangers = await Promise.all([ask(1), ask(2e6), ask(3)]);
    expect(strangers.map(({ outputs }) => first(outputs)[0])).toEqual([1, 2e6, 3]);
    expect(strangers.map(({ batchRows }) => batchRows)).toEqual([1, 1, 1]);
    const tenants = await Promise.all([ask(1, "alice"), ask(2e6, "bob"), ask(3, "alice")]);
    expect(tenants.map(({ outputs }) => first(outputs)[0])).toEqual([1, 2e6, 3]);
    expect(tenants.map(({ batchRows }) => batchRows)).toEqual([2, 1, 2]);
    await model.close();
  });

  it("shares runs when somebody vouches for it", async () => {
    const model = await runtime.load({ ...lookup(), isolation: "worker" });
    expect(model.stats.batching).toMatchObject({ independent: true, proven: true });
    await model.close();
  });
});

describe("loading", () => {
  it("refuses what would take too much memory, before it is anywhere near this process", async () => {
    // 900 MB of constants in a file of a few kilobytes, each just small enough to be folded.
    const b = new GraphBuilder();
    const x = b.input("x", "float32", [1]);
    for (let i = 0; i < 60; i++)
      b.output(b.op("Add", [x, b.op("ConstantOfShape", [b.ints([4000 - i, 1000])])]), "float32", [null, null]);
    const bytes = writeModel(b.model());
    const before = process.memoryUsage().rss;
    const load = runtime.load({
      name: "bomb",
      bytes,
      contract: { inputs: [{ name: "x", type: "float32", dims: [1] }], outputs: [], batch: "none", maxBatch: 1 },
      isolation: "worker",
      memoryBytes: 256 * 2 ** 20,
    });
    expect(await outcome(load)).toMatchObject({ code: "runtime/load-limit", status: 422 });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
    expect(modelProcesses()).toEqual([]);
  });

  it("refuses truncated models at every length, with a typed error and no process left", async () => {
    const bytes = digitsModel();
    for (const length of [0, 1, 100, 10_000, bytes.length - 1]) {
      const error = await outcome(loadDigits({ bytes: bytes.slice(0, length), isolation: "process" }));
      expect(error).toHaveProperty("code", expect.stringMatching(/^(onnx|runtime)\//));
    }
    expect(modelProcesses()).toEqual([]);
  });

  it("refuses a contract that the model does not keep", async () => {
    const [input] = digitsContract.inputs;
    const cases = [
      { ...digitsContract, inputs: [{ ...input, name: "image" }] },
      { ...digitsContract, inputs: [{ ...input, type: "float64" as const }] },
      { ...digitsContract, outputs: [{ name: "scores", type: "float32" as const, dims: [] }] },
    ];
    for (const contract of cases)
      expect(await outcome(loadDigits({ contract }))).toMatchObject({ code: "runtime/contract-mismatch", status: 422 });
  });

  it("leaves no descriptor, process, thread or memory behind, however often it is done", async () => {
    const cycle = async (): Promise<void> => {
      for (const isolation of isolations) {
        const model = await loadDigits({ isolation });
        await model.run(digits(0, 1));
        await model.close();
      }
    };
    const use = (): { files: number; threads: number; mb: number } => ({
      files: readdirSync("/proc/self/fd").length,
      threads: readdirSync("/proc/self/task").length,
      mb: Math.round(process.memoryUsage().rss / 2 ** 20),
    });
    for (let i = 0; i < 3; i++) await cycle();
    const before = use();
    for (let i = 0; i < 6; i++) await cycle();
    const after = use();
    expect(after.files).toBeLessThanOrEqual(before.files);
    expect(after.threads).toBeLessThanOrEqual(before.threads);
    expect(after.mb - before.mb).toBeLessThan(40);
    expect(modelProcesses()).toEqual([]);
  }, 60_000);
});
