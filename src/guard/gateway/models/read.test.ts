import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFile, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readExternalData, readModelFile } from "./read.ts";

let dir: string;
beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), "modelkeep-read-"))));
afterEach(() => rm(dir, { recursive: true, force: true }));

const digest = (bytes: Uint8Array | string) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

describe("reading a model file", () => {
  it("gives the bytes and their digest", async () => {
    const bytes = Buffer.alloc(3_000_001, 7);
    await writeFile(join(dir, "m"), bytes);
    const file = await readModelFile(join(dir, "m"));
    expect(Buffer.compare(file.bytes, bytes)).toBe(0);
    expect(file.digest).toBe(digest(bytes));
  });

  it("never gives bytes of two states of a file that changes meanwhile", async () => {
    const path = join(dir, "m");
    await writeFile(path, Buffer.alloc(20_000_000, 1));
    for (const change of [() => appendFile(path, "x"), () => truncate(path, 5), () => writeFile(path, "short")]) {
      const reading = readModelFile(path).catch((error: unknown) => error);
      await change();
      const outcome = await reading;
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: "models/unsettled" });
      else expect(outcome).toMatchObject({ digest: digest((outcome as { bytes: Uint8Array }).bytes) });
      await writeFile(path, Buffer.alloc(20_000_000, 1));
    }
  });

  it("refuses what is no regular file, and does not wait for a pipe", async () => {
    execFileSync("mkfifo", [join(dir, "pipe")]);
    await expect(readModelFile(join(dir, "pipe"))).rejects.toMatchObject({ code: "models/not-a-file" });
    await expect(readModelFile(dir)).rejects.toMatchObject({ code: "models/not-a-file" });
    await expect(readModelFile("/dev/zero")).rejects.toMatchObject({ code: "models/not-a-file" });
    await expect(readModelFile(join(dir, "nothing"))).rejects.toMatchObject({ code: "models/not-found" });
  });

  it("refuses a file beyond the limit without reading it", async () => {
    await writeFile(join(dir, "big"), "");
    await truncate(join(dir, "big"), 2 ** 31);
    await expect(readModelFile(join(dir, "big"))).rejects.toMatchObject({ code: "models/too-large" });
  });
});

describe("external data", () => {
  it("is read when it is listed with its digest, and only from the model's folder", async () => {
    await writeFile(join(dir, "w.bin"), "weights");
    const model = join(dir, "m.onnx");
    const files = await readExternalData(model, { "w.bin": digest("weights") });
    expect([...files.keys()]).toEqual(["w.bin"]);
    for (const listed of [{ "w.bin": digest("other") }, { "../w.bin": digest("weights") }, { "/etc/hostname": digest("") }]) {
      await expect(readExternalData(model, listed as unknown as Record<string, string>)).rejects.toMatchObject({
        code: "models/bad-external-data",
      });
    }
  });
});
