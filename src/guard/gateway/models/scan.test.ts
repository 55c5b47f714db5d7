import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { modelsConfig, sourcesOf } from "./config.ts";
import { scan } from "./scan.ts";

let dir: string;
beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), "modelkeep-scan-"))));
afterEach(() => rm(dir, { recursive: true, force: true }));

const put = async (path: string, bytes = "x") => {
  await mkdir(join(dir, path, ".."), { recursive: true });
  await writeFile(join(dir, path), bytes);
};
const look = (...serve: unknown[]) => scan(sourcesOf(modelsConfig.parse({ serve })), dir);
const keys = ({ candidates }: Awaited<ReturnType<typeof scan>>) => candidates.map(({ name, version }) => `${name}/${version}`);

describe("looking for models", () => {
  it("is not troubled by files that are renamed while it looks, but by links that lead nowhere", async () => {
    const over = new AbortController();
    const renaming = (async () => {
      for (let turn = 0; !over.signal.aborted; turn++) {
        await put(`m.onnx.part${turn}`);
        await rename(join(dir, `m.onnx.part${turn}`), join(dir, "m.onnx"));
      }
    })();
    for (let turn = 0; turn < 200; turn++) expect((await look(".")).refused).toEqual([]);
    over.abort();
    await renaming;
    await symlink(join(dir, "nowhere"), join(dir, "link.onnx"));
    expect((await look(".")).refused).toMatchObject([{ path: join(dir, "link.onnx") }]);
  });

  it("takes a file by its stem as version 1, or by the name and version that the configuration gives", async () => {
    await put("digits.v2.onnx");
    expect(keys(await look("digits.v2.onnx"))).toEqual(["digits.v2/1"]);
    expect(keys(await look({ path: "digits.v2.onnx", name: "digits", version: 2 }))).toEqual(["digits/2"]);
  });

  it("takes a folder of versions in the order of numbers, not of letters", async () => {
    for (const version of ["10", "9", "2"]) await put(`fraud/${version}/model.onnx`);
    await put("fraud/notes.txt");
    await put("fraud/007/model.onnx");
    expect(keys(await look("fraud"))).toEqual(["fraud/2", "fraud/9", "fraud/10"]);
  });

  it("takes a folder of models: files, and folders of versions", async () => {
    await put("models/a.onnx");
    await put("models/b/1/model.onnx");
    await put("models/b/3/model.onnx");
    await put("models/readme.md");
    await put("models/empty/readme.md");
    expect(keys(await look("models"))).toEqual(["a/1", "b/1", "b/3"]);
  });

  it("passes over a version whose file has not arrived yet", async () => {
    await put("fraud/1/model.onnx");
    await mkdir(join(dir, "fraud/2"));
    expect(await look("fraud")).toMatchObject({ candidates: [{ version: "1" }], refused: [] });
  });

  it("lets one model of a folder have settings of its own", async () => {
    await put("models/a.onnx");
    await put("models/b.onnx");
    const { candidates, refused } = await look({ path: "models/b.onnx", maxBatch: 7 }, "models");
    expect(refused).toEqual([]);
    expect(candidates.map(({ name, source }) => [name, source.maxBatch])).toEqual([
      ["b", 7],
      ["a", 256],
    ]);
  });

  it("refuses the second of two files that would be the same version, and serves the first", async () => {
    await put("a.onnx");
    await put("other/a.onnx");
    const { candidates, refused } = await look("a.onnx", "other/a.onnx");
    expect(candidates.map(({ path }) => path)).toEqual([join(dir, "a.onnx")]);
    expect(refused.map(({ error }) => error.code)).toEqual(["models/duplicate"]);
  });

  it("refuses names that could not stand in a path, a policy or a log line", async () => {
    await put("models/good.onnx");
    await put("models/bad name\u001b[31m.onnx");
    await put(`models/${"x".repeat(65)}.onnx`);
    const { candidates, refused } = await look("models");
    expect(candidates.map(({ name }) => name)).toEqual(["good"]);
    expect(refused.map(({ error }) => error.code)).toEqual(["models/bad-name", "models/bad-name"]);
    for (const { error } of refused) expect(error.message).not.toContain("\u001b");
  });

  it.for([
    [{ path: "models", name: "x" }, "models/bad-source"],
    [{ path: "models", version: "1" }, "models/bad-source"],
    ["nowhere.onnx", "models/not-found"],
  ] as const)("refuses %j with %s", async ([source, code]) => {
    await put("models/a.onnx");
    const { candidates, refused } = await look(source);
    expect(candidates).toEqual([]);
    expect(refused.map(({ error }) => error.code)).toEqual([code]);
  });

  it("sees through links, as orchestrators mount folders, and notices when one points elsewhere", async () => {
    await put("store/one.onnx", "1");
    await put("store/two.onnx", "2");
    await symlink(join(dir, "store/one.onnx"), join(dir, "m.onnx"));
    const [before] = (await look("m.onnx")).candidates;
    await rm(join(dir, "m.onnx"));
    await symlink(join(dir, "store/two.onnx"), join(dir, "m.onnx"));
    const [after] = (await look("m.onnx")).candidates;
    expect(after!.stamp).not.toBe(before!.stamp);
  });
});
