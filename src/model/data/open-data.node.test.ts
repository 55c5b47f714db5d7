import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Dataset, DataTensor } from "./index.node.ts";
import { openData, toInt64, writeNpy, writeNpz } from "./index.node.ts";

const folder = mkdtempSync(join(tmpdir(), "modelkeep-open-data-"));
afterAll(() => rmSync(folder, { recursive: true }));
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const x: DataTensor = { type: "float32", dims: [3, 2], data: new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5).buffer) };
const y: DataTensor = { type: "uint8", dims: [3], data: Uint8Array.of(2, 0, 1) };

async function all(dataset: Dataset) {
  for await (const { tensors, size } of dataset.batches({ size: 100 })) {
    const labels = tensors[dataset.target ?? "none"];
    const values = tensors["x"]!.data.slice();
    return {
      size,
      x: [...new Float32Array(values.buffer)],
      y: labels === undefined ? undefined : [...new BigInt64Array(labels.data.slice().buffer)].map(Number),
    };
  }
  return undefined;
}
const whole = { size: 3, x: [0, 1, 2, 3, 4, 5], y: [2, 0, 1] };

describe("data by a name or a path", () => {
  it.for(["npz", "npy", "csv", "tsv", "jsonl"])("is the same examples in .%s", async (ending) => {
    const rows = [
      [0, 1, 2],
      [2, 3, 0],
      [4, 5, 1],
    ] as const;
    const table = (delimiter: string) => [["a", "b", "y"], ...rows].map((row) => row.join(delimiter)).join("\n");
    const content: Record<string, string | Uint8Array> = {
      npz: await writeNpz([
        ["x", x],
        ["y", y],
      ]),
      npy: writeNpy(x),
      csv: table(","),
      tsv: table("\t"),
      jsonl: rows.map(([a, b, label]) => JSON.stringify({ a, b, y: label })).join("\n"),
    };
    const labels = ending === "npy" ? { labels: file("y.npy", writeNpy(y)) } : {};
    const path = file(`data.${ending}`, content[ending]!);
    expect(await all(await openData(path, { ...labels, ...(ending === "npz" ? {} : { target: "y" }) }))).toEqual(whole);
    expect(await all(await openData(path, { ...labels, target: "y", limit: 2 }))).toEqual({
      size: 2,
      x: [0, 1, 2, 3],
      y: [2, 0],
    });
  });

  it("takes the part of an archive that is asked for", async () => {
    const path = file(
      "split.npz",
      await writeNpz([
        ["x_train", x],
        ["y_train", y],
        ["x_test", { ...x, dims: [1, 6] }],
        ["y_test", { ...y, dims: [1], data: Uint8Array.of(7) }],
      ]),
    );
    expect(await all(await openData(path))).toEqual(whole);
    expect(await all(await openData(path, { part: "test" }))).toEqual({ size: 1, x: whole.x, y: [7] });
  });

  it("takes inputs and labels as two paths with a comma between them", async () => {
    const pair = `${file("x.npy", writeNpy(x))},${file("y.npy", writeNpy(y))}`;
    expect(await all(await openData(pair))).toEqual(whole);
    expect(await openData(pair, { limit: 2 })).toMatchObject({ size: 2, target: "y" });
    await expect(openData(`${join(folder, "x.npy")},${join(folder, "none.npy")}`)).rejects.toMatchObject({
      code: "data/no-file",
    });
  });

  it("reads IDX with its labels, and arrays without any", async () => {
    const images = file("train-images-idx1-ubyte", Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 4, 0, 0, 128, 63));
    const labels = file("train-labels-idx1-ubyte", Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3, 4));
    expect(await all(await openData(images, { labels }))).toEqual({ size: 4, x: [1], y: [1, 2, 3, 4] });
    expect((await openData(file("only.npy", writeNpy(x)))).target).toBeUndefined();
  });

  it("takes the first in order of a named set", async () => {
    const data = await openData("mnist", { part: "test", limit: 10 });
    expect(data).toMatchObject({ name: "mnist/test", size: 10, target: "y" });
    expect((await all(data))!.y).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  });

  it("says what it knows when it does not know what is meant", async () => {
    await expect(openData("mnits")).rejects.toMatchObject({ code: "data/unknown-name", hint: "did you mean `mnist`?", exit: 4 });
    await expect(openData("model.onnx")).rejects.toMatchObject({
      code: "data/unknown-name",
      hint: expect.stringContaining(".npz"),
    });
    await expect(openData(join(folder, "none.csv"))).rejects.toMatchObject({ code: "data/no-file" });
    await expect(openData(file("one.npy", writeNpy({ ...y, dims: [], data: Uint8Array.of(1) })))).rejects.toMatchObject({
      code: "data/malformed",
    });
    await expect(openData(file("one.npz", await writeNpz([["y_train", y]])), { part: "test" })).rejects.toMatchObject({
      code: "data/malformed",
    });
    await expect(
      openData(
        file(
          "few.npz",
          await writeNpz([
            ["x", x],
            ["y", { ...y, dims: [1, 3] }],
          ]),
        ),
      ),
    ).rejects.toMatchObject({ code: "data/malformed" });
  });
});

describe("labels as int64", () => {
  it("keep their values, whatever their width", () => {
    for (const [type, values] of [
      ["int8", Int8Array.of(-1, 5)],
      ["int16", Int16Array.of(-1, 5)],
      ["int32", Int32Array.of(-1, 5)],
      ["int64", BigInt64Array.of(-1n, 5n)],
      ["uint16", Uint16Array.of(65535, 5)],
      ["uint32", Uint32Array.of(2 ** 32 - 1, 5)],
      ["uint64", BigUint64Array.of(2n ** 63n - 1n, 5n)],
      ["bool", Uint8Array.of(1, 0)],
    ] as const) {
      const found = toInt64({ type, dims: [2], data: new Uint8Array(values.buffer) });
      expect(found).toMatchObject({ type: "int64", dims: [2] });
      expect([...new BigInt64Array(found.data.buffer as ArrayBuffer)]).toEqual(
        Array.from(values as ArrayLike<number | bigint>, BigInt),
      );
    }
  });

  it("are refused of floats, text and what int64 cannot hold", () => {
    const refused = expect.objectContaining({ code: "data/unsupported", message: expect.stringContaining("`y.npy`") });
    expect(() => toInt64(x, "y.npy")).toThrow(refused);
    const huge: DataTensor = { type: "uint64", dims: [1], data: new Uint8Array(8).fill(255) };
    expect(() => toInt64(huge, "y.npy")).toThrow(refused);
  });
});
