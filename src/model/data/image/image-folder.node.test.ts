import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { isModelkeepError } from "../../../base/error/index.ts";
import { createSeeded } from "../../../base/math/index.ts";
import type { IndexedDataset } from "../dataset/dataset.ts";
import { openData } from "../open-data.node.ts";
import { decodeImage } from "./decode.node.ts";

const home = mkdtempSync(join(tmpdir(), "modelkeep-images-"));
afterAll(() => rmSync(home, { recursive: true }));

function put(path: string, bytes: Uint8Array | string): string {
  const to = join(home, path);
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, bytes);
  return to;
}
/** A picture whose pixel (row, column) is `[10 row, 10 column, first]`. */
function pixels(width: number, height: number, first = 7): Buffer {
  return Buffer.from(
    Array.from({ length: width * height }, (_, i) => [Math.floor(i / width) * 10, (i % width) * 10, first]).flat(),
  );
}
const png = (width = 3, height = 2, first = 7) =>
  sharp(pixels(width, height, first), { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
const values = (data: Uint8Array) => [...new Float32Array(data.slice().buffer)];

describe("a folder of images", () => {
  it("is a class for each subfolder, and pixels in [0, 1] by channel, row and column", async () => {
    put("ok/dog/b.png", await png(3, 2, 255));
    put("ok/cat/a.png", await png());
    put("ok/.hidden/x.png", "no image");
    const data = (await openData(join(home, "ok"))) as IndexedDataset;
    expect(data.fields).toEqual([
      { name: "x", type: "float32", dims: [3, 2, 3] },
      { name: "y", type: "int64", dims: [], classes: ["cat", "dog"] },
    ]);
    const { tensors } = data.take(Uint32Array.of(1));
    const row = [0, 0, 0, 10, 10, 10, 0, 10, 20, 0, 10, 20, 255, 255, 255, 255, 255, 255];
    expect(values(tensors["x"]!.data)).toEqual(row.map((value) => Math.fround(value / 255)));
    expect([...new BigInt64Array(tensors["y"]!.data.slice().buffer)]).toEqual([1n]);
  });

  it("names the first image of another size, unless all are brought to one", async () => {
    put("sizes/a/1.png", await png());
    const other = put("sizes/a/2.png", await png(4, 2));
    await expect(openData(join(home, "sizes"))).rejects.toMatchObject({
      code: "data/malformed",
      message: `\`${other}\`: it is 4 × 2, the images before it are 3 × 2`,
    });
    const data = await openData(join(home, "sizes"), { image: { resize: { width: 5, height: 4 }, channels: 1 } });
    expect(data.fields[0]!.dims).toEqual([1, 4, 5]);
  });

  it("keeps grey images grey", async () => {
    const raw = { width: 4, height: 1, channels: 1 } as const;
    const grey = sharp(Buffer.of(0, 51, 102, 255), { raw })
      .toColourspace("b-w")
      .png();
    put("grey/1.png", await grey.toBuffer());
    const data = (await openData(join(home, "grey"))) as IndexedDataset;
    expect(data.target).toBeUndefined();
    expect(data.fields[0]!.dims).toEqual([1, 1, 4]);
    expect(values(data.take(Uint32Array.of(0)).tensors["x"]!.data)).toEqual([0, 0.2, 0.4, 1].map(Math.fround));
  });

  it.for(["png", "jpeg", "webp"] as const)("leaves the orientation that EXIF names alone, as PIL does, in %s", async (format) => {
    // Left half black, right half white, and a note that it lies on its side.
    const [width, height] = [16, 8];
    const stored = Buffer.from(Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? 0 : 255)));
    const lying = await sharp(stored, { raw: { width, height, channels: 1 } })
      .toColourspace("b-w")
      .withMetadata({ orientation: 6 })
      .toFormat(format, { quality: 100 })
      .toBuffer();
    expect((await sharp(lying).metadata()).orientation).toBe(6);
    const turned = await sharp(lying).autoOrient().toBuffer({ resolveWithObject: true });
    expect([turned.info.width, turned.info.height]).toEqual([height, width]);
    put(`lying-${format}/1.${format}`, lying);
    const data = (await openData(join(home, `lying-${format}`), { image: { channels: 1 } })) as IndexedDataset;
    expect(data.fields[0]!.dims).toEqual([1, height, width]);
    const x = values(data.take(Uint32Array.of(0)).tensors["x"]!.data);
    for (const [i, value] of x.entries()) {
      const edge = Math.abs((i % width) - 7.5) < 2;
      if (!edge) expect(Math.abs(value - stored[i]! / 255), `pixel ${i}`).toBeLessThan(0.1);
    }
  });

  it("takes the part that is asked for, and the first in order", async () => {
    for (const part of ["train", "test"])
      for (const name of ["1", "2"]) put(`parts/${part}/a/${name}.png`, await png(2, 1, part.length));
    const data = (await openData(join(home, "parts"), { part: "test", limit: 1 })) as IndexedDataset;
    expect(data.size).toBe(1);
    expect(values(data.take(Uint32Array.of(0)).tensors["x"]!.data).at(-1)).toBe(Math.fround(4 / 255));
  });

  it("refuses, before it decodes, what has too many pixels or is a drawing program", async () => {
    const bomb = await sharp({ create: { width: 9000, height: 9000, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    put("bomb/a.png", bomb);
    await expect(openData(join(home, "bomb"))).rejects.toMatchObject({ code: "data/too-large" });
    put("svg/a.png", '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"/>');
    await expect(openData(join(home, "svg"))).rejects.toMatchObject({ code: "data/unsupported" });
  });

  it("refuses files of several kinds, and folders without any", async () => {
    put("mixed/a/1.png", await png());
    put("mixed/a/2.txt", "text");
    await expect(openData(join(home, "mixed"))).rejects.toMatchObject({
      code: "data/malformed",
      message: expect.stringContaining("2.txt"),
    });
    mkdirSync(join(home, "empty"));
    await expect(openData(join(home, "empty"))).rejects.toMatchObject({ code: "data/malformed" });
  });

  it("answers any damage to an image with pixels or a typed error", async () => {
    const facts = { width: 3, height: 2, channels: 3 } as const;
    const kinds = await Promise.all(
      ["png", "jpeg", "webp", "gif", "tiff"].map((kind) =>
        sharp(pixels(3, 2), { raw: { ...facts } })
          .toFormat(kind as "png")
          .toBuffer(),
      ),
    );
    for (const [k, whole] of kinds.entries()) {
      for (let seed = 0; seed < 20; seed++) {
        const dice = createSeeded(seed, k);
        const bytes = whole.slice(0, dice.below(4) === 0 ? dice.below(whole.length) : whole.length);
        for (let i = 0; i < 3 && bytes.length > 0; i++) bytes[dice.below(bytes.length)] = dice.below(256);
        const path = put("damaged.png", bytes);
        const found = await decodeImage(path, facts).catch((error: unknown) => error);
        if (!(found instanceof Uint8Array)) expect(isModelkeepError(found), String(found)).toBe(true);
      }
    }
  });
});
