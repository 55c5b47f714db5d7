import { describe, expect, it } from "vitest";
import type { Objects } from "../../src/base/objects/index.ts";

export async function listed(objects: Objects, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key, sizeBytes } of objects.list(prefix)) found.push(`${key}:${sizeBytes}`);
  return found;
}

/** What every object store promises; run on a folder in `npm test` and on an S3 server in `test:integration`. */
export function objectsLaws(name: string, open: () => Promise<Objects>): void {
  describe(`objects in ${name}`, () => {
    it("come back byte for byte, and a second put replaces the first", async () => {
      const objects = await open();
      const body = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251);
      await objects.put("a/b.bin", body);
      expect(await objects.get("a/b.bin")).toEqual(body);
      await objects.put("a/b.bin", new Uint8Array(0));
      expect(await objects.get("a/b.bin")).toEqual(new Uint8Array(0));
    });

    it("that are not there are undefined, and deleting them is fine", async () => {
      const objects = await open();
      expect(await objects.get("nobody/home")).toBeUndefined();
      await objects.delete("nobody/home");
    });

    it("are listed by prefix in key order with their sizes", async () => {
      const objects = await open();
      for (const key of ["l/b", "l/a/2", "l/a/1", "l/a-x", "m/z"]) await objects.put(key, new Uint8Array(key.length));
      expect(await listed(objects, "l/")).toEqual(["l/a-x:5", "l/a/1:5", "l/a/2:5", "l/b:3"]);
      expect(await listed(objects, "l/a/")).toEqual(["l/a/1:5", "l/a/2:5"]);
      expect(await listed(objects, "nothing/")).toEqual([]);
      await objects.delete("l/b");
      expect(await listed(objects, "l/b")).toEqual([]);
    });

    it.for(["../x", "a/../x", "/etc/passwd", "a//b", "", ".hidden", "a/.b", "a\\b", "a\0b", "é", "a b", `${"x".repeat(201)}`])(
      "refuse the key %j",
      async (key) => {
        const objects = await open();
        await expect((async () => objects.put(key, new Uint8Array(1)))()).rejects.toMatchObject({ code: "objects/bad-key" });
        await expect((async () => objects.get(key))()).rejects.toMatchObject({ code: "objects/bad-key" });
      },
    );

    it("of one key written by many at once hold one of the bodies, whole", async () => {
      const objects = await open();
      const bodies = Array.from({ length: 8 }, (_, i) => new Uint8Array(10_000).fill(i));
      await Promise.all(bodies.map((body) => objects.put("race", body)));
      const got = await objects.get("race");
      expect(bodies.some((body) => Buffer.compare(body, got!) === 0)).toBe(true);
    });
  });
}
