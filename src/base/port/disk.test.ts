import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createMemoryDisk } from "../../../test/helpers/memory-disk.ts";
import { createFolderDisk, ensureFolder, parentOf, replaceFile } from "./index.node.ts";
import type { Disk } from "./index.ts";

const folders: string[] = [];
function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "modelkeep-disk-"));
  folders.push(folder);
  return folder;
}
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = async (disk: Disk, path: string) => {
  const found = await disk.read(path);
  return found && new TextDecoder().decode(found);
};

describe.each([
  { name: "a folder", create: (): Disk => createFolderDisk(freshFolder()) },
  { name: "memory", create: (): Disk => createMemoryDisk() },
])("a disk over $name", ({ create }) => {
  it("appends, cuts and reads back", async () => {
    const disk = create();
    const file = await disk.open("a");
    await file.append(bytes("one"));
    await file.append(bytes("two"));
    await file.sync();
    expect(await textOf(disk, "a")).toBe("onetwo");
    await file.truncate(4);
    await file.append(bytes("!"));
    await file.close();
    expect(await textOf(disk, "a")).toBe("onet!");
    expect(await disk.size("a")).toBe(5);
    const again = await disk.open("a");
    await again.append(bytes("?"));
    await again.close();
    expect(await textOf(disk, "a")).toBe("onet!?");
  });

  it("says undefined for what is not there, and removing that is fine", async () => {
    const disk = create();
    expect(await disk.read("none")).toBeUndefined();
    expect(await disk.read("no/folder")).toBeUndefined();
    expect(await disk.size("none")).toBeUndefined();
    expect(await disk.list("none")).toEqual([]);
    await disk.remove("none");
    await expect(disk.open("no/folder")).rejects.toMatchObject({ code: "ENOENT" });
    await expect(disk.rename("none", "other")).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("makes folders once or again, and lists by name", async () => {
    const disk = create();
    await ensureFolder(disk, "x/y");
    await ensureFolder(disk, "x/y");
    for (const path of ["x/b", "x/a", "x/y/c"]) await (await disk.open(path)).close();
    expect(await disk.list("x")).toEqual([
      { name: "a", kind: "file" },
      { name: "b", kind: "file" },
      { name: "y", kind: "folder" },
    ]);
    expect(await disk.list("")).toEqual([{ name: "x", kind: "folder" }]);
    await disk.remove("x/a");
    expect((await disk.list("x")).map((entry) => entry.name)).toEqual(["b", "y"]);
  });

  it("removes folders that are empty and leaves the others", async () => {
    const disk = create();
    await ensureFolder(disk, "x/y");
    await disk.removeFolder("x");
    await disk.removeFolder("none");
    expect(await disk.list("")).toEqual([{ name: "x", kind: "folder" }]);
    await disk.removeFolder("x/y");
    await disk.removeFolder("x");
    expect(await disk.list("")).toEqual([]);
  });

  it("replaces a file whole", async () => {
    const disk = create();
    await ensureFolder(disk, "x");
    await replaceFile(disk, "x/a", bytes("first, and longer"), "temporary");
    await replaceFile(disk, "x/a", bytes("second"), "temporary");
    expect(await textOf(disk, "x/a")).toBe("second");
    expect(await disk.read("temporary")).toBeUndefined();
  });

  it("knows how much room is left", async () => {
    const { freeBytes, totalBytes } = await create().space();
    expect(freeBytes).toBeGreaterThan(0);
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes);
  });
});

describe("a folder of this machine", () => {
  it("makes files and folders for their owner alone", async () => {
    const root = freshFolder();
    const disk = createFolderDisk(root);
    await disk.makeFolder("x");
    await (await disk.open("x/a")).close();
    expect(statSync(join(root, "x")).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, "x/a")).mode & 0o777).toBe(0o600);
  });

  it("never reads or writes through a link", async () => {
    const root = freshFolder();
    const disk = createFolderDisk(root);
    writeFileSync(join(root, "target"), "outside");
    symlinkSync(join(root, "target"), join(root, "link"));
    await expect(disk.read("link")).rejects.toMatchObject({ code: "ELOOP" });
    await expect(disk.open("link")).rejects.toMatchObject({ code: "ELOOP" });
    expect(await disk.list("")).toContainEqual({ name: "link", kind: "other" });
  });
});

describe("the disk that forgets", () => {
  it("keeps content and names that were synced, and nothing else", async () => {
    const disk = createMemoryDisk();
    const file = await disk.open("kept");
    await file.append(bytes("synced"));
    await file.sync();
    await disk.syncFolder("");
    await file.append(bytes(" not synced"));
    const other = await disk.open("name not synced");
    await other.append(bytes("x"));
    await other.sync();
    await disk.makeFolder("folder not synced");
    disk.crash();
    expect(await textOf(disk, "kept")).toBe("synced");
    expect(await disk.list("")).toEqual([{ name: "kept", kind: "file" }]);
    await expect(file.append(bytes("x"))).rejects.toMatchObject({ code: "EBADF" });
  });

  it("brings back a removed or replaced file when the folder was not synced", async () => {
    const disk = createMemoryDisk();
    for (const name of ["a", "b"]) {
      const file = await disk.open(name);
      await file.append(bytes(name));
      await file.sync();
    }
    await disk.syncFolder("");
    await disk.rename("a", "b");
    disk.crash();
    expect([await textOf(disk, "a"), await textOf(disk, "b")]).toEqual(["a", "b"]);
    await disk.remove("a");
    await disk.syncFolder("");
    disk.crash();
    expect(await textOf(disk, "a")).toBeUndefined();
  });

  it("runs full in the middle of a write, and has room again after a removal", async () => {
    const disk = createMemoryDisk();
    disk.setCapacity(5);
    const file = await disk.open("a");
    await expect(file.append(bytes("too long"))).rejects.toMatchObject({ code: "ENOSPC" });
    expect(await textOf(disk, "a")).toBe("too l");
    expect((await disk.space()).freeBytes).toBe(0);
    await disk.remove("a");
    expect((await disk.space()).freeBytes).toBe(5);
  });

  it("fails the change it is told to, and tears it", async () => {
    const disk = createMemoryDisk();
    const file = await disk.open("a");
    disk.failAt(1, "EIO", () => 0.5);
    await file.append(bytes("good"));
    await expect(file.append(bytes("torn"))).rejects.toMatchObject({ code: "EIO" });
    await file.append(bytes("!"));
    expect(await textOf(disk, "a")).toBe("goodto!");
    disk.cutAt(0);
    await expect(file.sync()).rejects.toMatchObject({ code: "EIO" });
    await expect(file.sync()).rejects.toMatchObject({ code: "EIO" });
    disk.crash(() => 0.99);
    expect(await textOf(disk, "a")).toBe("goodto!"); // nothing was synced, and this chance kept all of it
    disk.crash();
    expect(await textOf(disk, "a")).toBe("goodto!"); // what survived one crash is on disk
  });

  it("names parents", () => {
    expect([parentOf("a/b/c"), parentOf("a"), parentOf("")]).toEqual(["a/b", "", ""]);
  });
});
