import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openNpzFile, readDataFile, readNpyFile, writeNpyFile, writeNpz } from "./index.node.ts";

const folder = mkdtempSync(join(tmpdir(), "modelkeep-data-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("data files", () => {
  it("go to disk and come back", async () => {
    const tensor = { type: "int64", dims: [2], data: Uint8Array.from({ length: 16 }, (_, i) => i) } as const;
    await writeNpyFile(join(folder, "y.npy"), tensor);
    expect(await readNpyFile(join(folder, "y.npy"))).toEqual(tensor);
    writeFileSync(join(folder, "both.npz"), await writeNpz([["y", tensor]]));
    expect(await (await openNpzFile(join(folder, "both.npz"))).read("y")).toEqual(tensor);
  });

  it("that are missing, folders, or too large are refused by name", async () => {
    writeFileSync(join(folder, "large"), "12345");
    await expect(readDataFile(join(folder, "none"))).rejects.toMatchObject({
      code: "data/no-file",
      message: expect.stringContaining("none"),
    });
    await expect(readDataFile(folder)).rejects.toMatchObject({
      code: "data/no-file",
      message: expect.stringContaining("not a file"),
    });
    await expect(readDataFile(join(folder, "large"), { maxBytes: 4 })).rejects.toMatchObject({ code: "data/too-large" });
    const tensor = { type: "uint8", dims: [0], data: new Uint8Array(0) } as const;
    await expect(writeNpyFile(join(folder, "no", "y.npy"), tensor)).rejects.toMatchObject({ code: "data/no-file" });
  });
});
