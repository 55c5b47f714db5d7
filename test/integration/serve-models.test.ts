import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf, echoModel, rowsOf } from "../helpers/gateway.ts";
import { infer, openHouse, type House, type RunningKeep } from "../helpers/keep.ts";
import { GraphBuilder, tensorOf, writeModel } from "../../src/model/onnx/index.ts";

const root = join(import.meta.dirname, "../..");
const body = JSON.stringify(rowsOf([1, 2]));

function place(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
}

async function first(keep: RunningKeep, model: string): Promise<number> {
  const answer = await infer({ ...keep, model, body });
  const text = await answer.text();
  expect(`${answer.status} ${text}`).toMatch(/^200 /);
  return (JSON.parse(text) as { outputs: { data: number[] }[] }).outputs[0]!.data[0]!;
}

const residentBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;

describe("models in a folder, while they are asked", () => {
  let house: House;
  let keep: RunningKeep;
  const at = (...names: string[]): string => house.path("models", ...names);
  const reload = (): { added: string[]; replaced: string[]; removed: string[]; refused: { error: { code: string } }[] } => {
    const { stdout } = house.cli("models", "reload", "--json");
    return JSON.parse(stdout) as ReturnType<typeof reload>;
  };

  beforeAll(async () => {
    const trusted = [0, 10, 20].map((add) => digestOf(echoModel(add)));
    house = openHouse({
      config: {
        models: {
          serve: [
            { path: "models", trust: trusted },
            { path: "labelled", trust: trusted, labels: { stable: 1, next: 2 } },
          ],
          pollMs: 100,
          settleMs: 200,
        },
      },
    });
    place(at("echo.onnx"), echoModel(0));
    place(at("many", "1", "model.onnx"), echoModel(0));
    place(at("many", "2", "model.onnx"), echoModel(10));
    place(house.path("labelled", "1", "model.onnx"), echoModel(10));
    place(house.path("labelled", "2", "model.onnx"), echoModel(20));
    keep = await house.serve();
  }, 180_000);
  afterAll(() => house.close());

  it("are served by name, by version and by label; the newest version when none is named", async () => {
    expect(await first(keep, "echo")).toBe(1);
    expect(await first(keep, "many")).toBe(11);
    expect(await first(keep, "many/versions/1")).toBe(1);
    expect(await first(keep, "labelled/versions/stable")).toBe(11);
    expect(await first(keep, "labelled/versions/next")).toBe(21);
    expect((await infer({ ...keep, model: "labelled/versions/odd", body })).status).toBe(404);
    expect((await infer({ ...keep, model: "many/versions/3", body })).status).toBe(404);
  });

  it("names with traversal are unknown models", async () => {
    for (const name of ["..%2f..%2fetc%2fpasswd", "%2e%2e", "echo%00", "echo.onnx", "a%0d%0ab", "%ff", "x".repeat(500)])
      expect((await infer({ ...keep, model: name, body })).status, name).toBe(404);
  });

  it("added, replaced and removed under load drop no request", async () => {
    const stop = new AbortController();
    const statuses = new Map<number, number>();
    const values = new Set<number>();
    const load = Array.from({ length: 6 }, async () => {
      while (!stop.signal.aborted) {
        const answer = await infer({ ...keep, model: "echo", body });
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        values.add(((await answer.json()) as { outputs: { data: number[] }[] }).outputs[0]!.data[0]!);
      }
    });
    place(at("echo.onnx"), echoModel(10));
    await expect.poll(() => values.has(11), { timeout: 60_000 }).toBe(true);
    place(at("extra.onnx"), echoModel(20));
    await expect.poll(async () => (await infer({ ...keep, model: "extra", body })).status, { timeout: 60_000 }).toBe(200);
    rmSync(at("extra.onnx"));
    await expect.poll(async () => (await infer({ ...keep, model: "extra", body })).status, { timeout: 60_000 }).toBe(404);
    place(at("echo.onnx"), echoModel(20));
    await expect.poll(() => values.has(21), { timeout: 60_000 }).toBe(true);
    stop.abort();
    await Promise.all(load);
    expect([...statuses.keys()]).toEqual([200]);
    expect([...values].toSorted((a, b) => a - b)).toEqual([1, 11, 21]);
    const kinds = house
      .json<{ evidence: { kind: string } }[]>("audit", "search", "--limit", "1000")
      .map(({ evidence }) => evidence.kind);
    expect(kinds).toContain("model.replaced");
    expect(kinds).toContain("model.removed");
  });

  it("half written are not taken up; a bad new file leaves the old one serving, and says why", async () => {
    const before = await first(keep, "many");
    writeFileSync(at("many", "2", "model.onnx"), echoModel(20).subarray(0, 60));
    await expect
      .poll(() => house.json<{ evidence: { kind: string } }[]>("audit", "search", "--kind", "model.refused").length, {
        timeout: 60_000,
        interval: 500,
      })
      .toBeGreaterThan(0);
    expect(await first(keep, "many")).toBe(before);
    writeFileSync(at("many", "2", "model.onnx"), "not a model at all");
    const report = reload();
    expect(report.refused.length).toBe(1);
    expect(await first(keep, "many")).toBe(before);
    place(at("many", "2", "model.onnx"), echoModel(20));
    reload(); // or the poll was faster
    expect(await first(keep, "many")).toBe(21);
  });

  it("that are hostile are refused while the others serve", { timeout: 180_000 }, async () => {
    const foreign = new GraphBuilder({
      opsets: new Map([
        ["", 18],
        ["com.evil", 1],
      ]),
    });
    foreign.input("x", "float32", ["N", 2]);
    foreign.output("x", "float32", ["N", 2]);
    const evil = foreign.model();
    const call = { op: "Run", domain: "com.evil", name: "", inputs: ["x"], outputs: ["y"], attributes: new Map() };
    const named = { ...evil, graph: { ...evil.graph, nodes: [...evil.graph.nodes, call] } };

    const outside = new GraphBuilder({ name: "outside" });
    const x = outside.input("x", "float32", ["N", 2]);
    outside.call({ op: "Add", inputs: [x, outside.initializer("w", tensorOf("float32", [1], [7]))], outputs: ["y"] });
    outside.output("y", "float32", ["N", 2]);

    place(at("bomb.onnx"), bomb());
    place(at("foreign.onnx"), writeModel(named as never));
    place(at("truncated.onnx"), echoModel(3).subarray(0, 90));
    place(at("empty.onnx"), new Uint8Array());
    place(at("noise.onnx"), new Uint8Array(4096).fill(0xff));
    const rss = residentBytes(keep.pid);
    const { refused } = reload();
    expect(refused.length).toBe(5);
    for (const { error } of refused) expect(error.code).not.toBe("internal/unexpected");
    expect(residentBytes(keep.pid) - rss).toBeLessThan(100 << 20);
    for (const name of ["bomb", "foreign", "truncated", "empty", "noise"]) {
      expect((await infer({ ...keep, model: name, body })).status).toBe(404);
      rmSync(at(`${name}.onnx`));
    }
    expect(await first(keep, "echo")).toBe(21);
  });

  it("that grow at run time are stopped in their cage: 503, and nobody else notices", { timeout: 180_000 }, async () => {
    // The rows decide how much is made: 4 GiB at the value below, nothing a static look could bound.
    place(at("greedy.onnx"), greedy());
    const report = reload();
    expect(report.refused).toEqual([]);
    const rss = residentBytes(keep.pid);
    const ask = (size: number) =>
      infer({
        ...keep,
        model: "greedy",
        body: JSON.stringify({ inputs: [{ name: "n", datatype: "INT64", shape: [1], data: [size] }] }),
      });
    const small = await ask(16);
    expect(small.status).toBe(200);
    const usual = await first(keep, "echo");
    const others = Array.from({ length: 50 }, () => first(keep, "echo"));
    const big = await ask(4_000_000_000);
    expect(`${big.status} ${await big.text()}`).toMatch(/^503 /);
    expect((await Promise.all(others)).every((value) => value === usual)).toBe(true);
    expect(residentBytes(keep.pid) - rss).toBeLessThan(200 << 20);
    await expect.poll(async () => (await ask(16)).status, { timeout: 60_000, interval: 500 }).toBe(200);
  });
});

describe("a file that is no ONNX", () => {
  let house: House;
  beforeAll(() => {
    house = openHouse();
  });
  afterAll(() => house.close());

  it("is told what it is, and which lines turn it into one", async () => {
    for (const [name, expected] of [
      ["net.pt", /torch\.onnx\.export/],
      ["net.pth", /torch\.onnx\.export/],
      ["forest.pkl", /skl2onnx|to_onnx/],
      ["forest.joblib", /skl2onnx|to_onnx/],
      ["net.h5", /tf2onnx/],
      ["net.keras", /tf2onnx|onnx/],
    ] as const) {
      writeFileSync(house.path(name), "x");
      const { status, stderr } = await house.run("serve", name, "--port", "0");
      expect(status, name).toBeGreaterThan(1);
      expect(stderr, name).toMatch(expected);
    }
  });

  it("and one with the right name and the wrong bytes is refused before anything listens", async () => {
    writeFileSync(house.path("fake.onnx"), "PK\u0003\u0004 a zip");
    const { status, stderr } = await house.run("serve", "fake.onnx", "--port", "0");
    expect(status).toBeGreaterThan(0);
    expect(stderr).toMatch(/hint:/);
  });
});

describe("a model of one's own", () => {
  it("is served from a path on the command line under its file's stem, caged", async () => {
    const house = openHouse();
    try {
      copyFileSync(join(root, "test/fixtures/models/mnist_logreg.onnx"), house.path("my_model.v2.onnx"));
      const keep = await house.serve({ args: ["my_model.v2.onnx"] });
      expect(keep.models).toMatchObject([{ name: "my_model.v2", version: "1", isolation: "process" }]);
      const children = execFileSync("ps", ["--ppid", String(keep.pid), "-o", "pid="], { encoding: "utf8" }).trim();
      expect(children).not.toBe("");
      await keep.end();
      expect(() => execFileSync("ps", ["-p", children.split("\n")[0]!.trim()])).toThrow();
    } finally {
      await house.close();
    }
  });
});

/** 137 bytes that make ONNX Runtime 1.30 grow by 600 MB: ConstantOfShape of a constant shape. */
function bomb(): Uint8Array {
  const b = new GraphBuilder({ name: "bomb" });
  const x = b.input("x", "float32", ["N", 2]);
  const big = b.op("ConstantOfShape", [b.ints([12_000, 12_000])]);
  b.call({ op: "Add", inputs: [x, b.op("ReduceSum", [big, b.ints([0, 1])], { keepdims: 1 })], outputs: ["y"] });
  b.output("y", "float32", ["N", 2]);
  return writeModel(b.model());
}

/** Makes as many numbers as its input says. */
function greedy(): Uint8Array {
  const b = new GraphBuilder({ name: "greedy" });
  const n = b.input("n", "int64", [1]);
  const made = b.op("ConstantOfShape", [n]);
  b.call({ op: "ReduceSum", inputs: [made, b.ints([0])], outputs: ["y"], attributes: { keepdims: 1 } } as never);
  b.output("y", "float32", [1]);
  return writeModel(b.model());
}
