import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestOf, echoModel, openWorld, putFile, rowsOf, slowModel, type World } from "../../../test/helpers/gateway.ts";

const first = echoModel(1);
const second = echoModel(2);
const third = echoModel(3);
const trust = [first, second, third].map(digestOf);
const serve = [{ path: ".", trust }];

/** As deployments do it: whole under another name, then renamed. */
async function deploy(world: World, path: string, bytes: Uint8Array): Promise<void> {
  await putFile(join(world.dir, `${path}.part`), bytes);
  await rename(join(world.dir, `${path}.part`), join(world.dir, path));
}

interface Seen {
  readonly status: number;
  readonly value: number | undefined;
  /** The highest value that anybody had been answered when this request began. */
  readonly atLeast: number;
}

/** Keeps `clients` asking one after another until `act` is done; every answer, and when to expect one of a value. */
async function underLoad(
  world: World,
  model: string,
  clients: number,
  act: (hears: (value: number) => Promise<void>) => Promise<void>,
) {
  const answers: Seen[] = [];
  const waiting: { readonly value: number; readonly heard: () => void }[] = [];
  const over = new AbortController();
  let highest = 0;
  const ask = async () => {
    const atLeast = highest;
    const response = await world.infer(model, rowsOf([0, 0]));
    const body = (await response.json()) as { outputs?: { data: number[] }[] };
    const value = body.outputs?.[0]?.data[0];
    answers.push({ status: response.status, value, atLeast });
    highest = Math.max(highest, value ?? 0);
    for (const one of waiting) if (one.value === value) one.heard();
  };
  const asking = Array.from({ length: clients }, async () => {
    while (!over.signal.aborted) await ask();
  });
  const acting = act((value) => new Promise((heard) => waiting.push({ value, heard }))).finally(() => over.abort());
  await Promise.all([...asking, acting]);
  return answers;
}

const answersOf = async (world: World) =>
  ((await (await world.infer("m", rowsOf([0, 0]))).json()) as { outputs: { data: number[] }[] }).outputs[0]!.data[0];

describe("replacing a model under load", () => {
  it("drops no request, and every answer is wholly of one version, the new one in the end", async () => {
    const world = await openWorld({ files: { "m.onnx": first }, models: { serve } });
    const answers = await underLoad(world, "m", 8, async (hears) => {
      await hears(1);
      await deploy(world, "m.onnx", second);
      await hears(2);
      await deploy(world, "m.onnx", third);
      await hears(3);
    });
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    // An answer of an old version may still be on its way when the first of a new one arrives, but nobody who asks after that gets one.
    expect(answers.filter(({ value, atLeast }) => value === undefined || value < atLeast)).toEqual([]);
    expect(new Set(answers.map(({ value }) => value))).toEqual(new Set([1, 2, 3]));
    expect(await answersOf(world)).toBe(3);
    const changes = (await world.entries()).filter(({ kind }) => kind.startsWith("model."));
    expect(changes.map(({ kind, subject }) => [kind, subject?.digest])).toEqual([
      ["model.added", digestOf(first)],
      ["model.replaced", digestOf(second)],
      ["model.replaced", digestOf(third)],
    ]);
    await world.close();
  });

  it("keeps the old version serving when the new file is no model, and says so in the log", async () => {
    const world = await openWorld({ files: { "m.onnx": first }, models: { serve } });
    const answers = await underLoad(world, "m", 2, async (hears) => {
      await hears(1);
      await deploy(world, "m.onnx", new TextEncoder().encode("not a model"));
      await expect.poll(async () => (await world.audit.search({ kind: "model.refused" })).length, { timeout: 60_000 }).toBe(1);
    });
    expect(answers.every(({ status, value }) => status === 200 && value === 1)).toBe(true);
    await world.close();
  });

  it("lets requests finish that are running on a version that is taken away", async () => {
    const slow = slowModel(100);
    const world = await openWorld({
      files: { "m/1/model.onnx": first, "m/2/model.onnx": slow },
      models: { serve: [{ path: "m", trust: [...trust, digestOf(slow)] }] },
    });
    const running = world.infer("m", rowsOf([7, 7]));
    await expect.poll(() => world.models.find("m", "2")!.runner.stats.pending).toBe(1);
    await rm(join(world.dir, "m/2"), { recursive: true });
    await expect.poll(() => world.models.versions("m"), { timeout: 60_000 }).toEqual(["1"]);
    expect(await (await running).json()).toMatchObject({ model_version: "2", outputs: [{ data: [7, 7] }] });
    expect(await answersOf(world)).toBe(1);
    await world.close();
  });
});

describe("models of nobody that we trust", () => {
  it("run in a process of their own and answer the same", async () => {
    const world = await openWorld({ files: { "m.onnx": first }, models: { serve: ["."] } });
    expect(world.models.find("m")!.isolation).toBe("process");
    expect(await answersOf(world)).toBe(1);
    await world.close();
  });
});

describe("starting", () => {
  it.for([
    [{ serve: [] }, "models/none"],
    [{ serve: ["missing.onnx"] }, "models/not-found"],
    [{ serve: ["broken.pt"] }, "onnx/not-onnx"],
    [{ serve: [{ path: "m.onnx", contract: { inputs: { y: {} } } }] }, "gateway/bad-contract"],
  ] as const)("fails for %j with %s", async ([models, code]) => {
    const files = { "m.onnx": first, "broken.pt": new TextEncoder().encode("PK\u0003\u0004 archive/data.pkl") };
    await expect(openWorld({ files, models })).rejects.toMatchObject({ code });
  });

  it("does not fail because of one bad file among many in a folder", async () => {
    const world = await openWorld({ files: { "m.onnx": first, "bad.onnx": new Uint8Array(100) }, models: { serve } });
    expect(world.models.list().map(({ name }) => name)).toEqual(["m"]);
    await world.close();
  });
});
