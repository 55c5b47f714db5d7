import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { GraphBuilder, makeTensor, tensorOf, toNumbers, writeModel } from "../../../model/onnx/index.ts";
import { readModelAt, readWholeModelAt } from "./read-file.ts";

const dir = await mkdtemp(join(tmpdir(), "modelkeep-read-model-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

const weights = tensorOf("float32", [2, 3], [1, 2, 3, 4, 5, 6]);

/** y = x · w, whose weights lie in another file. */
function outside(location: string): Uint8Array {
  const b = new GraphBuilder();
  b.initializer("w", { ...makeTensor("float32", [2, 3], weights.data), external: { location, offset: 0, length: 24 } });
  b.output(b.op("MatMul", [b.input("x", "float32", ["N", 2]), "w"]), "float32", ["N", 3]);
  return writeModel(b.model());
}

/** A folder with such a model, named m.onnx. */
async function folderWith(name: string, location: string, more: Readonly<Record<string, Uint8Array>> = {}): Promise<string> {
  const folder = join(dir, name);
  await mkdir(folder);
  for (const [file, bytes] of Object.entries({ "m.onnx": outside(location), ...more }))
    await writeFile(join(folder, file), bytes);
  return join(folder, "m.onnx");
}

describe("a model whose weights lie in a file beside it", () => {
  it("is read with them, and its digest is that of both files one after another", async () => {
    const path = await folderWith("whole", "m.onnx.data", { "m.onnx.data": weights.data });
    const { model, digest, sizeBytes } = await readWholeModelAt(path);
    expect(toNumbers(model.graph.initializers.get("w")!)).toEqual([1, 2, 3, 4, 5, 6]);
    const both = Buffer.concat([outside("m.onnx.data"), weights.data]);
    expect(digest).toBe(`sha256:${createHash("sha256").update(both).digest("hex")}`);
    expect(sizeBytes).toBe(both.length);
    expect((await readModelAt(path)).model.graph.initializers.get("w")!.external).toBeDefined();
  });

  it("is refused when that file is missing, is too short, or is no file", async () => {
    await expect(readWholeModelAt(await folderWith("missing", "m.data"))).rejects.toMatchObject({ code: "api/no-such-file" });
    const short = await folderWith("short", "m.data", { "m.data": weights.data.subarray(0, 20) });
    await expect(readWholeModelAt(short)).rejects.toMatchObject({ code: "onnx/external-data" });
    const pipe = await folderWith("pipe", "m.data");
    execFileSync("mkfifo", [join(dir, "pipe", "m.data")]);
    await expect(readWholeModelAt(pipe)).rejects.toMatchObject({ code: "api/no-such-file" });
  });

  it("never has a file read that lies outside its own folder, also not by a link", async () => {
    await writeFile(join(dir, "secret"), weights.data);
    const up = await folderWith("up", "../secret");
    await expect(readWholeModelAt(up)).rejects.toMatchObject({ code: "onnx/external-data" });
    const linked = await folderWith("linked", "m.data");
    await symlink(join(dir, "secret"), join(dir, "linked", "m.data"));
    await expect(readWholeModelAt(linked)).rejects.toThrow("leads out of the model's folder");
  });
});
