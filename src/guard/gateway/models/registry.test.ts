import { describe, expect, it } from "vitest";
import { ModelkeepError } from "../../../base/error/index.ts";
import { createMemoryEvidence } from "../../../base/evidence/index.ts";
import { silentLogger } from "../../../base/log/index.ts";
import { createManualClock } from "../../../base/port/index.ts";
import { aboutModel, GraphBuilder } from "../../../model/onnx/index.ts";
import type { ModelRunner } from "../../../model/runtime/index.ts";
import { createChanges } from "./changes.ts";
import { modelsConfig, sourcesOf } from "./config.ts";
import { Registry } from "./registry.ts";
import type { Candidate, Scan } from "./scan.ts";
import { Served } from "./served.ts";

const [source] = sourcesOf(modelsConfig.parse({ serve: [{ path: "models", labels: { stable: 1 } }] }));

/** A registry over files and a loader that the test plays: `files` is what a look finds, `bad` what cannot be loaded. */
function open() {
  const clock = createManualClock();
  const evidence = createMemoryEvidence();
  const files = new Map<string, string>();
  const bad = new Set<string>();
  const closed: string[] = [];
  let unreadable = false;
  const scan = async (): Promise<Scan> => ({
    candidates: unreadable ? [] : [...files].map(([key, stamp]) => candidateOf(key, stamp)),
    refused: [],
    unreadable: unreadable ? [source!] : [],
  });
  const load = async (candidate: Candidate, servingDigest: string | undefined) => {
    if (bad.has(candidate.stamp)) throw new ModelkeepError("models/unsettled", { message: "it changed" });
    if (candidate.stamp === servingDigest) return undefined;
    const { name, version, path } = candidate;
    const close = async () => void closed.push(`${path} ${candidate.stamp}`);
    const runner = { run: () => Promise.reject(new Error()), expectedWaitMs: () => 0, stats: {}, close };
    const contract = { inputs: [], outputs: [], batch: "none", maxBatch: 1 } as const;
    return new Served({
      name,
      version,
      path,
      source: source!,
      digest: candidate.stamp,
      contract,
      about: aboutModel(new GraphBuilder().model()),
      external: new Map(),
      isolation: "process",
      batchBy: "anyone",
      preprocess: undefined,
      admission: { scan: "passed", findings: [], signature: undefined, sealed: undefined },
      runner: runner as unknown as ModelRunner,
    });
  };
  const changes = createChanges(evidence, silentLogger);
  const registry = new Registry({ scan, load, changes, clock, log: silentLogger, settleMs: 500, drainMs: 1000 });
  const poll = () => registry.look({ onlySettled: true });
  return { registry, clock, evidence, files, bad, closed, poll, setUnreadable: (is: boolean) => void (unreadable = is) };
}

function candidateOf(key: string, stamp: string): Candidate {
  const [name, version] = key.split("/") as [string, string];
  return { name, version, path: `/models/${key}`, stamp, source: source! };
}

const kinds = ({ evidence }: ReturnType<typeof open>) => evidence.entries.map(({ evidence }) => evidence.kind);

describe("models in step with their files", () => {
  it("takes up a file only once it has not changed for the settling time", async () => {
    const { registry, clock, files, poll } = open();
    files.set("m/1", "half");
    await poll();
    clock.advance(400);
    files.set("m/1", "whole");
    await poll();
    clock.advance(400);
    expect(await poll()).toMatchObject({ added: [] });
    clock.advance(100);
    expect(await poll()).toMatchObject({ added: ["m/1"] });
    expect(registry.catalogue.find("m")?.digest).toBe("whole");
  });

  it("serves the highest number by default, and versions also by label", async () => {
    const { registry, files } = open();
    for (const version of ["9", "10", "1"]) files.set(`m/${version}`, version);
    await registry.look({ onlySettled: false });
    expect(registry.catalogue.find("m")?.version).toBe("10");
    expect(registry.catalogue.find("m", "stable")?.version).toBe("1");
    expect(registry.catalogue.find("m", "11")).toBeUndefined();
    expect(registry.catalogue.versions("m")).toEqual(["1", "9", "10"]);
    expect(registry.catalogue.find("__proto__")).toBeUndefined();
    expect(registry.catalogue.find("m", "constructor")).toBeUndefined();
  });

  it("keeps the old one serving when the new file is bad, says so once, and takes the next good one", async () => {
    const world = open();
    const { registry, clock, files, bad, poll } = world;
    files.set("m/1", "good");
    await registry.look({ onlySettled: false });
    files.set("m/1", "broken");
    bad.add("broken");
    for (let polls = 0; polls < 5; polls++, clock.advance(300)) await poll();
    expect(registry.catalogue.find("m")?.digest).toBe("good");
    files.set("m/1", "better");
    for (let polls = 0; polls < 5; polls++, clock.advance(300)) await poll();
    expect(registry.catalogue.find("m")?.digest).toBe("better");
    expect(kinds(world).at(-1)).toBe("model.replaced");
    expect(world.evidence.entries.at(-1)?.evidence).toMatchObject({
      subject: { type: "model", id: "m", version: "1", digest: "better" },
      detail: { beforeDigest: "good" },
    });
  });

  it("closes a replaced version only when the last request has let go of it, or its time is over", async () => {
    const { registry, files, closed } = open();
    files.set("m/1", "old");
    await registry.look({ onlySettled: false });
    const old = registry.catalogue.find("m")!;
    old.hold();
    old.hold();
    files.set("m/1", "new");
    await registry.look({ onlySettled: false });
    old.drop();
    await Promise.resolve();
    expect(closed).toEqual([]);
    old.drop();
    await expect.poll(() => closed).toEqual(["/models/m/1 old"]);
  });

  it("removes a version once its file stays gone, but not because a folder could not be read", async () => {
    const { registry, clock, files, poll, setUnreadable } = open();
    files.set("m/1", "1");
    await registry.look({ onlySettled: false });
    setUnreadable(true);
    for (let polls = 0; polls < 5; polls++, clock.advance(1000)) await poll();
    expect(registry.catalogue.find("m")).toBeDefined();
    setUnreadable(false);
    files.clear();
    await poll();
    expect(registry.catalogue.find("m")).toBeDefined();
    clock.advance(500);
    expect(await poll()).toMatchObject({ removed: ["m/1"] });
    expect(registry.catalogue.find("m")).toBeUndefined();
  });

  it("loads nothing twice that was touched but not changed", async () => {
    const world = open();
    world.files.set("m/1", "same");
    await world.registry.look({ onlySettled: false });
    await world.registry.look({ onlySettled: false });
    expect(kinds(world)).toEqual(["model.added"]);
  });

  it("closes every runner at the end, also of what is loaded just then", async () => {
    const { registry, files, closed } = open();
    files.set("a/1", "1");
    files.set("b/1", "2");
    await registry.look({ onlySettled: false });
    await registry.close();
    expect(closed.length).toBe(2);
    expect(registry.catalogue.list()).toEqual([]);
  });
});
