import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isModelkeepError } from "../../../base/error/index.ts";
import type { DataTensor } from "../tensor.ts";
import { crc32 } from "../zip/crc32.ts";
import { openNpz, writeNpz } from "./npz.ts";

const tensor = (bytes: number): DataTensor => ({ type: "uint8", dims: [bytes], data: new Uint8Array(bytes).fill(7) });
const two = (compress: boolean) =>
  writeNpz(
    [
      ["x", tensor(300)],
      ["folder/y", tensor(5)],
    ],
    { compress },
  );

/** Where the directory's entries of an archive begin. */
function directoryEntries(bytes: Uint8Array): number[] {
  return Array.from(bytes.keys()).filter(
    (at) => new DataView(bytes.buffer).getUint32(Math.min(at, bytes.length - 4), true) === 0x02014b50,
  );
}
function patched(bytes: Uint8Array, patch: (view: DataView, entries: number[]) => void): Uint8Array {
  const copy = bytes.slice();
  patch(new DataView(copy.buffer), directoryEntries(copy));
  return copy;
}
const malformed = (says: string) => expect.objectContaining({ code: "data/malformed", message: expect.stringContaining(says) });

describe(".npz", () => {
  it.for([false, true])("gives back every array that it wrote, compressed: %s", async (compress) => {
    const archive = openNpz(await two(compress));
    expect(archive.names).toEqual(["x", "folder/y"]);
    expect(await archive.read("x")).toEqual(tensor(300));
    expect(await archive.read("folder/y")).toEqual(tensor(5));
    expect(await two(compress)).toEqual(await two(compress));
  });

  it("reads stored arrays of its own where they lie", async () => {
    const wide: DataTensor = { type: "float64", dims: [2], data: new Uint8Array(16).fill(3) };
    const bytes = await writeNpz([
      ["a", tensor(3)],
      ["b", wide],
    ]);
    const read = await openNpz(bytes).read("b");
    expect(read).toEqual(wide);
    expect(read.data.buffer).toBe(bytes.buffer);
  });

  it("names the nearest array when one is missing", async () => {
    await expect(openNpz(await two(false), "d.npz").read("X")).rejects.toMatchObject({
      code: "data/unknown-name",
      hint: "did you mean `x`?",
    });
  });

  it("refuses sizes that lie, in the directory and in the data", async () => {
    const stored = await two(false);
    const deflated = await two(true);
    const size = (by: number) => (view: DataView, entries: number[]) => view.setUint32(entries[0]! + 24, by, true);
    expect(() => openNpz(patched(stored, size(10_000)))).toThrow(malformed("cannot hold"));
    expect(() => openNpz(patched(deflated, size(0x7fffffff)))).toThrow(malformed("cannot hold"));
    await expect(openNpz(patched(deflated, size(100))).read("x")).rejects.toThrow(malformed("more than the 100 bytes"));
    await expect(openNpz(patched(deflated, size(1000))).read("x")).rejects.toThrow(malformed("and declares 1000"));
  });

  it("refuses entries that share bytes or a name, wrong checksums and passwords", async () => {
    const bytes = await two(true);
    expect(() => openNpz(patched(bytes, (view, entries) => view.setUint32(entries[1]! + 42, 0, true)))).toThrow(
      malformed("overlaps"),
    );
    const crc = patched(bytes, (view, entries) => view.setUint32(entries[0]! + 16, 1, true));
    await expect(openNpz(crc).read("x")).rejects.toThrow(malformed("checksum"));
    const locked = patched(bytes, (view, entries) => view.setUint16(entries[0]! + 8, 1, true));
    expect(() => openNpz(locked)).toThrow(expect.objectContaining({ code: "data/unsupported" }));
    const twice = await writeNpz([
      ["x", tensor(1)],
      ["x", tensor(1)],
    ]);
    expect(() => openNpz(twice)).toThrow(malformed("two entries"));
  });

  it("counts what archives would expand to before it expands them", async () => {
    const bytes = await two(true);
    expect(() => openNpz(bytes, "d.npz", { maxExpandedBytes: 400 })).toThrow(expect.objectContaining({ code: "data/too-large" }));
    expect(() => openNpz(bytes, "d.npz", { maxEntries: 1 })).toThrow(expect.objectContaining({ code: "data/too-large" }));
  });

  it("answers any damage with a typed error or arrays", async () => {
    const files = [await two(false), await two(true)];
    const damage = fc.array(fc.tuple(fc.nat({ max: 1200 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        damage,
        fc.option(fc.nat({ max: 900 }), { freq: 2 }),
        async (file, edits, cut) => {
          const bytes = file.slice(0, cut ?? file.length);
          for (const [at, byte] of edits) if (at < bytes.length) bytes[at] = byte;
          try {
            const archive = openNpz(bytes);
            for (const name of archive.names) await archive.read(name);
          } catch (error) {
            if (!isModelkeepError(error) || error.code === "internal/unexpected") throw error;
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("CRC-32", () => {
  it("is zlib's", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(crc32(bytes)).toBe(zlibCrc32(bytes));
      }),
    );
  });
});
