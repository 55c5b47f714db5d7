import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { listed, objectsLaws } from "../../../test/contracts/objects.ts";
import { createFolderObjects } from "./index.node.ts";

const root = await mkdtemp(join(tmpdir(), "modelkeep-objects-"));
afterAll(() => rm(root, { recursive: true, force: true }));

objectsLaws("a folder", async () => createFolderObjects(root));

describe("a folder of objects", () => {
  it("is readable by its owner only", async () => {
    await createFolderObjects(root).put("private/x", new Uint8Array(1));
    expect((await stat(join(root, "private"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(root, "private/x"))).mode & 0o777).toBe(0o600);
  });

  it("never lists what a killed process left half-written, and leaves nothing when a put fails", async () => {
    await writeFile(join(root, "private/y.0badc0de.~part"), "half");
    expect(await listed(createFolderObjects(root), "private/")).toEqual(["private/x:1"]);
    await expect(createFolderObjects(root).put("private", new Uint8Array(1))).rejects.toThrow("EISDIR");
    expect((await readdir(root)).filter((name) => name.startsWith("private."))).toEqual([]);
  });
});
