import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DataTensor } from "../tensor.ts";
import { balance, classWeights, rowsByClass } from "./classes.ts";
import { scaledColumn, tensorColumn } from "./column.ts";
import type { Dataset, IndexedDataset } from "./dataset.ts";
import { digestOfData } from "./digest.ts";
import { createDataset, permutation } from "./indexed.ts";
import { limit, split } from "./split.ts";
import { createStreamDataset } from "./stream.ts";

const floats = (dims: number[], values: readonly number[]): DataTensor => ({
  type: "float32",
  dims,
  data: new Uint8Array(Float32Array.from(values).buffer),
});
const words = (strings: string[]): DataTensor => ({ type: "string", dims: [strings.length], data: new Uint8Array(0), strings });
const count = (length: number) => Array.from({ length }, (_, i) => i);

/** `rows` examples: x is [i, −i], y is i modulo 3, z is its name. */
function numbered(rows: number): IndexedDataset {
  const x = floats(
    [rows, 2],
    count(rows).flatMap((i) => [i, -i]),
  );
  const y: DataTensor = { type: "uint8", dims: [rows], data: Uint8Array.from({ length: rows }, (_, i) => i % 3) };
  return createDataset(
    "numbered",
    [tensorColumn("x", x), tensorColumn("y", y), tensorColumn("z", words(count(rows).map(String)))],
    "y",
  );
}

/** The same as a stream in blocks of odd sizes. */
function streamed(rows: number, block: number, blockRows = 8) {
  const whole = numbered(rows);
  return createStreamDataset({
    name: "streamed",
    fields: whole.fields,
    target: "y",
    blockRows,
    async *open() {
      for (let at = 0; at < rows; at += block)
        yield whole.take(Uint32Array.from(count(Math.min(block, rows - at)), (i) => at + i)).tensors;
    },
  });
}

async function firsts(dataset: Dataset, options: Parameters<Dataset["batches"]>[0]): Promise<number[][]> {
  const found: number[][] = [];
  for await (const { size, tensors, rows } of dataset.batches(options)) {
    const x = tensors["x"]!;
    expect(x.dims).toEqual([size, 2]);
    expect(tensors["z"]!.strings).toEqual(Array.from(rows, String));
    const values = new Float32Array(x.data.slice().buffer).filter((_, i) => i % 2 === 0);
    expect([...values]).toEqual([...rows]);
    found.push([...values]);
  }
  return found;
}

describe.each([
  { kind: "in memory", make: (rows: number) => numbered(rows) as Dataset },
  { kind: "streamed", make: (rows: number) => streamed(rows, 5) as Dataset },
])("a dataset $kind", ({ make }) => {
  it("gives every example once, in order, in batches of one size", async () => {
    expect(await firsts(make(10), { size: 4 })).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(await firsts(make(10), { size: 4, dropLast: true })).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    expect(await firsts(make(3), { size: 100 })).toEqual([[0, 1, 2]]);
    expect(await firsts(make(0), { size: 4 })).toEqual([]);
  });

  it("shuffles by seed and epoch without losing an example", async () => {
    const order = async (seed: number, epoch?: number) =>
      (await firsts(make(50), { size: 7, shuffle: { seed, ...(epoch === undefined ? {} : { epoch }) } })).flat();
    const first = await order(1);
    expect(first.toSorted((a, b) => a - b)).toEqual(count(50));
    expect(first).not.toEqual(count(50));
    expect(await order(1, 0)).toEqual(first);
    expect(await order(1, 1)).not.toEqual(first);
    expect(await order(2)).not.toEqual(first);
  });

  it("takes the first so many when limited", async () => {
    const limited = limit(make(20) as IndexedDataset, 6);
    expect((await firsts(limited, { size: 4 })).flat()).toEqual(count(6));
    expect((await firsts(limit(make(4) as IndexedDataset, 6), { size: 4 })).flat()).toEqual(count(4));
    expect(() => limit(make(4) as IndexedDataset, 0)).toThrow(expect.objectContaining({ code: "data/bad-option" }));
  });

  it("refuses batches of nothing, and stops when told to", async () => {
    await expect(firsts(make(4), { size: 0 })).rejects.toMatchObject({ code: "data/bad-option" });
    await expect(firsts(make(4), { size: 1, signal: AbortSignal.abort() })).rejects.toThrow();
  });
});

describe("a streamed dataset", () => {
  it("gives the same batches however its source is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 20 }),
        async (block, size, blockRows) => {
          expect(await firsts(streamed(23, block, blockRows), { size })).toEqual(await firsts(numbered(23), { size }));
        },
      ),
      { numRuns: 50 },
    );
  });

  it("moves examples only within a block, and loads into the same data", async () => {
    const order = (await firsts(streamed(32, 5, 8), { size: 4, shuffle: { seed: 3 } })).flat();
    for (let block = 0; block < 4; block++) {
      expect(order.slice(block * 8, block * 8 + 8).toSorted((a, b) => a - b)).toEqual(count(8).map((i) => block * 8 + i));
    }
    const loaded = await streamed(23, 5).load();
    expect(await digestOfData(loaded)).toBe(await digestOfData(numbered(23)));
    expect(loaded.target).toBe("y");
  });
});

describe("an order by lot", () => {
  it("is the same on every machine", () => {
    expect([...permutation(10, { seed: 1 })]).toMatchInlineSnapshot(`
      [
        0,
        8,
        7,
        3,
        4,
        5,
        1,
        9,
        6,
        2,
      ]
    `);
  });
});

describe("classes", () => {
  it("are counted, weighed and balanced", () => {
    const data = numbered(10); // four of class 0, three of 1 and 2
    expect(Array.from(rowsByClass(data), ([name, rows]) => [name, rows.length])).toEqual([
      ["0", 4],
      ["1", 3],
      ["2", 3],
    ]);
    expect(classWeights(rowsByClass(data)).get("1")).toBeCloseTo(10 / 9);
    const even = balance(data, 1);
    expect([...rowsByClass(even).values()].map((rows) => rows.length)).toEqual([4, 4, 4]);
    expect(new Set(even.take(Uint32Array.from(count(12))).rows).size).toBe(10);
  });

  it("are refused of numbers that are none", () => {
    const data = createDataset("d", [tensorColumn("x", floats([2], [0.5, 1]))], "x");
    expect(() => rowsByClass(data)).toThrow(expect.objectContaining({ code: "data/bad-option" }));
    expect(() => rowsByClass(createDataset("d", [tensorColumn("x", floats([2], [0, 1]))]))).toThrow("without a target");
  });
});

describe("a split", () => {
  it("puts every example into exactly one part, of about its fraction, stratified or not", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: 80 }),
        fc.integer(),
        fc.boolean(),
        fc.integer({ min: 20, max: 80 }),
        (rows, seed, stratify, percent) => {
          const parts = split(numbered(rows), { parts: { a: percent / 100, b: 1 - percent / 100 }, seed, stratify });
          const taken = Object.values(parts).map((part) => part.take(Uint32Array.from(count(part.size))));
          expect(taken.flatMap((batch) => Array.from(batch.rows)).sort((a, b) => a - b)).toEqual(count(rows));
          expect(Math.abs(parts.a.size - (rows * percent) / 100)).toBeLessThanOrEqual(1);
          if (!stratify) return;
          for (const [name, own] of rowsByClass(numbered(rows))) {
            const inA = rowsByClass(parts.a).get(name)?.length ?? 0;
            expect(Math.abs(inA - (own.length * percent) / 100)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  it("goes through more examples than a function takes arguments", () => {
    const rows = 400_000;
    const y: DataTensor = { type: "uint8", dims: [rows], data: new Uint8Array(rows) };
    y.data.fill(1, 0, 10);
    const data = createDataset("many", [tensorColumn("y", y)], "y");
    expect(split(data, { parts: { a: 0.9, b: 0.1 }, seed: 1, stratify: true }).a.size).toBe(360_000);
    expect(balance(data, 1).size).toBe(799_980);
  });

  it("is refused when a part would be empty, fractions do not add up, or a class cannot be in each part", () => {
    const refused = expect.objectContaining({ code: "data/bad-option" });
    expect(() => split(numbered(3), { parts: { a: 0.99, b: 0.01 }, seed: 1 })).toThrow(refused);
    expect(() => split(numbered(9), { parts: { a: 0.5, b: 0.1 }, seed: 1 })).toThrow(refused);
    expect(() => split(numbered(4), { parts: { a: 0.5, b: 0.5 }, seed: 1, stratify: true })).toThrow("class `1` of 1 examples");
  });
});

describe("a dataset", () => {
  it("refuses fields of different lengths, a target that it has not, and rows that it has not", () => {
    const x = tensorColumn("x", floats([2], [0, 1]));
    expect(() => createDataset("d", [x, tensorColumn("y", floats([3], [0, 1, 2]))])).toThrow(
      "field `y` has 3 examples, `x` has 2",
    );
    expect(() => createDataset("d", [x], "X")).toThrow(
      expect.objectContaining({ code: "data/unknown-name", hint: "did you mean `x`?" }),
    );
    expect(() => numbered(2).take(Uint32Array.of(2))).toThrow(expect.objectContaining({ code: "data/bad-option" }));
    expect(() => numbered(2).select(Uint32Array.of(2))).toThrow(expect.objectContaining({ code: "data/bad-option" }));
  });

  it("keeps pixels as bytes and gives the floats that PyTorch gives", () => {
    const bytes: DataTensor = { type: "uint8", dims: [256], data: Uint8Array.from(count(256)) };
    const { data, dims } = scaledColumn("x", bytes, { scale: 255, dims: [1] }).gather(Uint32Array.from(count(256)));
    expect(dims).toEqual([256, 1]);
    expect(new Float32Array(data.buffer)).toEqual(Float32Array.from(count(256), (byte) => Math.fround(byte) / Math.fround(255)));
  });
});

describe("the digest of data", () => {
  it("hangs on the examples alone, not on batches, fields' order or memory", async () => {
    const digest = await digestOfData(numbered(30));
    expect(digest).toMatchInlineSnapshot(`"sha256:62ef1f954c0012a27a8ad24b8a370ffea5e22388b0a67addc3a3921ef341714c"`);
    expect(await digestOfData(streamed(30, 7))).toBe(digest);
    const other = numbered(30);
    expect(await digestOfData({ ...other, fields: other.fields.toReversed() })).toBe(digest);
    expect(await digestOfData(numbered(29))).not.toBe(digest);
  });

  it("hangs on the order of examples, unless told not to", async () => {
    const data = numbered(30);
    const shuffled = data.select(permutation(30, { seed: 1 }));
    expect(await digestOfData(shuffled)).not.toBe(await digestOfData(data));
    const anyOrder = await digestOfData(data, { anyOrder: true });
    expect(await digestOfData(shuffled, { anyOrder: true })).toBe(anyOrder);
    expect(anyOrder).not.toBe(await digestOfData(data));
    // An example twice is other data than an example once.
    expect(await digestOfData(data.select(Uint32Array.from([...count(30), 3])), { anyOrder: true })).not.toBe(anyOrder);
  });

  it("does not confuse text that runs together", async () => {
    const of = (a: string, b: string) =>
      digestOfData(createDataset("d", [tensorColumn("a", words([a])), tensorColumn("b", words([b]))]));
    expect(await of("ab", "c")).not.toBe(await of("a", "bc"));
  });
});
