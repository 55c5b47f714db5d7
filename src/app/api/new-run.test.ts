import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newRun } from "./new-run.ts";
import { writeWhole } from "./write-whole.ts";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "modelkeep-runs-"))));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a folder of runs", () => {
  it("is made with what is above it, and holds runs that begin at the same moment side by side", async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => newRun(join(folder, "a", "b"), 0)));
    expect(new Set(made).size).toBe(8);
    expect(made.every(existsSync)).toBe(true);
  });

  it.runIf(process.platform === "linux")("that cannot be made is refused at once, also where nothing can be made", async () => {
    writeFileSync(join(folder, "file"), "");
    for (const runs of [join(folder, "file"), "/dev/null/x", "/proc/nowhere"])
      await expect(newRun(runs, 0)).rejects.toMatchObject({ code: "api/cannot-write", exit: 2 });
  });

  it.runIf(existsSync("/dev/full"))("says that the disk is full, and leaves no half file", async () => {
    const file = join(folder, "result.json");
    symlinkSync("/dev/full", `${file}.part`);
    await expect(writeWhole(file, "figures")).rejects.toMatchObject({
      code: "api/cannot-write",
      message: expect.stringContaining("the disk is full") as string,
    });
    expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, false]);
  });
});
