import { describe, expect, it } from "vitest";
import type { Dataset } from "../dataset/dataset.ts";
import { digestOfData } from "../dataset/digest.ts";
import { csvTable } from "./csv.ts";
import type { InferOptions } from "./infer.ts";
import { inferSchema } from "./infer.ts";
import { jsonlTable } from "./jsonl.ts";
import { openTable } from "./open-table.ts";
import type { ColumnSchema, TableSchema } from "./schema.ts";
import { bytesSource } from "./source.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const csv = (text: string) => csvTable(bytesSource("t.csv", bytes(text)));
const jsonl = (text: string) => jsonlTable(bytesSource("t.jsonl", bytes(text)));
const lines = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i)).join("\n");

const kinds = async (text: string, options: InferOptions = {}) =>
  Object.fromEntries((await inferSchema(csv(text), options)).columns.map(({ name, ...rest }) => [name, rest]));

async function first(dataset: Dataset) {
  for await (const { tensors } of dataset.batches({ size: 100 })) {
    const x = tensors["x"];
    return { tensors, x: x === undefined ? [] : [...new Float32Array(x.data.slice().buffer)] };
  }
  throw new Error("no batch");
}

describe("a schema found in a table", () => {
  it("tells numbers, booleans, categories and text apart", async () => {
    const text = `n,b,c,t,e\n${lines(60, (i) => `${i / 4},${i % 2 === 0},${["red", "green"][i % 2]},word ${i},`)}`;
    expect(await kinds(text)).toEqual({
      n: { kind: "number" },
      b: { kind: "boolean" },
      c: { kind: "category", values: ["green", "red"] },
      t: { kind: "text" },
      e: { kind: "ignore" },
    });
  });

  it("sees classes in a target of few whole numbers, and a regression in others", async () => {
    expect(await kinds("x,y\n1,10\n2,9\n3,10\n", { target: "y" })).toMatchObject({
      y: { kind: "category", values: ["9", "10"] },
    });
    expect(await kinds("x,y\n1,0.5\n2,9\n", { target: "y" })).toMatchObject({ y: { kind: "number" } });
    expect(await kinds("x,y\n1,10\n2,9\n", { target: "y", task: "regression" })).toMatchObject({ y: { kind: "number" } });
    expect(await kinds(`x,y\n${lines(30, (i) => `1,${i}`)}`, { target: "y" })).toMatchObject({ y: { kind: "number" } });
  });

  it("is the same for rows in another order", async () => {
    expect(await inferSchema(csv("c\nb\na\nc\n"))).toEqual(await inferSchema(csv("c\nc\nb\na\n")));
  });

  it("finds the row that does not fit the others", async () => {
    const text = `x\n${lines(40, (i) => (i === 16 ? "abc" : String(i)))}`;
    await expect(inferSchema(csv(text))).rejects.toMatchObject({
      code: "data/bad-row",
      message: "`t.csv`, line 18: `x` is `abc`, while 39 of 40 rows hold numbers",
    });
    const sizes = '{"x":[1,2]}\n{"x":[1,2]}\n{"x":[1]}';
    await expect(inferSchema(jsonl(sizes))).rejects.toMatchObject({
      code: "data/bad-row",
      message: expect.stringContaining("line 3: `x` has 1 numbers"),
    });
    await expect(inferSchema(jsonl('{"x":[1]}\n{"x":2}'))).rejects.toMatchObject({ code: "data/bad-row" });
    await expect(inferSchema(csv("a\n"))).rejects.toMatchObject({
      code: "data/malformed",
      message: expect.stringContaining("no rows"),
    });
    await expect(inferSchema(csv("label\n1\n"), { target: "labels" })).rejects.toMatchObject({
      code: "data/unknown-name",
      hint: "did you mean `label`?",
    });
  });
});

describe("a table as a dataset", () => {
  const schema = (...columns: ColumnSchema[]): TableSchema => ({ columns });

  it("fills what is missing as its schema says", async () => {
    const text = "n,c\n1,a\n,\n?,b\n";
    const columns = (number: "nan" | 7, category: "own" | "none"): TableSchema => ({
      columns: [
        { name: "n", kind: "number", missing: number },
        { name: "c", kind: "category", values: ["a", "b"], missing: category },
      ],
      missing: ["?"],
    });
    expect((await first(await openTable(csv(text), { schema: columns(7, "own") }))).x).toEqual([
      1, 1, 0, 0, 7, 0, 0, 1, 7, 0, 1, 0,
    ]);
    expect((await first(await openTable(csv(text), { schema: columns("nan", "none") }))).x).toEqual([
      1,
      1,
      0,
      NaN,
      0,
      0,
      NaN,
      0,
      1,
    ]);
  });

  it("is read again for each epoch, the same for CSV and JSON Lines", async () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({ x: i / 8, name: `n${i}`, y: i % 3 }));
    const fromCsv = await openTable(csv(`x,name,y\n${rows.map(({ x, name, y }) => `${x},${name},${y}`).join("\n")}`), {
      target: "y",
    });
    const fromJson = await openTable(jsonl(rows.map((row) => JSON.stringify(row)).join("\n")), { target: "y" });
    expect(fromCsv.fields.map(({ name }) => name)).toEqual(["x", "name", "y"]);
    const digest = await digestOfData(fromCsv);
    expect(await digestOfData(fromCsv)).toBe(digest);
    expect(await digestOfData(fromJson)).toBe(digest);
    expect(await digestOfData(await fromCsv.load())).toBe(digest);
  });

  it("takes arrays, also as a target", async () => {
    const data = await openTable(jsonl('{"image":[[1,2],[3,4]],"y":[0.5,1]}'), { target: "y" });
    const { x, tensors } = await first(data);
    expect(x).toEqual([1, 2, 3, 4]);
    expect(tensors["y"]!.dims).toEqual([1, 2]);
  });

  it.for([
    ["a missing number", "n\n1\n\n2\nNA\n", schema({ name: "n", kind: "number" }), "data/bad-row", "line 5: `n` is missing"],
    ["a word among numbers", "n\n1\nx\n", schema({ name: "n", kind: "number" }), "data/bad-row", "line 3: `n` is `x`, no number"],
    [
      "a number beyond float32",
      "n\n1e39\n",
      schema({ name: "n", kind: "number" }),
      "data/bad-row",
      "line 2: `n` is `1e39`, no number",
    ],
    ["infinity and hexadecimal", "n\n0x10\n", schema({ name: "n", kind: "number" }), "data/bad-row", "no number"],
    [
      "neither true nor false",
      "b\ntrue\n2\n",
      schema({ name: "b", kind: "boolean" }),
      "data/bad-row",
      "line 3: `b` is `2`, no boolean",
    ],
    [
      "a word outside its category",
      "c\nred\nreed\n",
      schema({ name: "c", kind: "category", values: ["red"] }),
      "data/bad-row",
      "line 3: `c` is `reed`, none of its 1 values",
    ],
    [
      "a missing word",
      "c,d\nred,1\n,1\n",
      schema({ name: "c", kind: "category", values: ["red"] }, { name: "d", kind: "ignore" }),
      "data/bad-row",
      "line 3: `c` is missing",
    ],
    [
      "a column that the schema has not",
      "n,z\n1,2\n",
      schema({ name: "n", kind: "number" }),
      "data/unknown-name",
      "no column `z`",
    ],
    [
      "a column that the file has not",
      "n\n1\n",
      schema({ name: "n", kind: "number" }, { name: "m", kind: "number" }),
      "data/unknown-name",
      "`t.csv`: it has no column `m`",
    ],
    [
      "a missing label",
      "n,y\n1,a\n2,\n",
      {
        columns: [
          { name: "n", kind: "number" },
          { name: "y", kind: "category", values: ["a"] },
        ],
        target: "y",
      } satisfies TableSchema,
      "data/bad-row",
      "line 3: the label `y` is missing",
    ],
    [
      "a target that is no column",
      "n\n1\n",
      { columns: [{ name: "n", kind: "number" }], target: "y" } satisfies TableSchema,
      "data/bad-option",
      "the target `y`",
    ],
    [
      "text as a target",
      "n\n1\n",
      { columns: [{ name: "n", kind: "text" }], target: "n" } satisfies TableSchema,
      "data/bad-option",
      "a target of kind text",
    ],
    [
      "text called like the input",
      "n,x\n1,a\n",
      schema({ name: "n", kind: "number" }, { name: "x", kind: "text" }),
      "data/bad-option",
      "a column of text called `x`",
    ],
  ] as [string, string, TableSchema, string, string][])("refuses %s", async ([, text, given, code, says]) => {
    await expect((async () => first(await openTable(csv(text), { schema: given })))()).rejects.toMatchObject({
      code,
      message: expect.stringContaining(says),
      hint: expect.any(String),
    });
  });

  it("refuses arrays that change their length, and numbers that are none", async () => {
    const given = schema({ name: "v", kind: "vector", length: 2 });
    for (const text of ['{"v":[1]}', '{"v":1}', '{"v":[1,1e39]}', "{}"]) {
      await expect((async () => first(await openTable(jsonl(text), { schema: given })))()).rejects.toMatchObject({
        code: "data/bad-row",
      });
    }
    const text = schema({ name: "t", kind: "text" });
    await expect((async () => first(await openTable(jsonl('{"t":[1]}'), { schema: text })))()).rejects.toMatchObject({
      code: "data/bad-row",
    });
  });
});

describe("the options of a table", () => {
  const people = "age,colour,city,y\n1,red,a,0\n,blue,b,1\n3,red,c,0\n";

  it("choose the columns that are the input", async () => {
    const data = await openTable(csv(people), { target: "y", features: ["colour", "age"], missing: "fill" });
    expect(data.fields[0]!.columns).toEqual(["age", "colour=blue", "colour=red"]);
    expect((await first(data)).x).toEqual([1, 0, 1, 2, 1, 0, 3, 0, 1]);
    await expect(openTable(csv(people), { features: ["agee"] })).rejects.toMatchObject({ hint: "did you mean `age`?" });
    await expect(openTable(csv(people), { target: "y", features: ["y"] })).rejects.toMatchObject({ code: "data/bad-option" });
  });

  it("make one number of a word, its place in the vocabulary that the schema records", async () => {
    const options = { target: "y", features: ["colour"], categories: "ordinal" } as const;
    expect((await inferSchema(csv(people), options)).columns[1]).toEqual({
      name: "colour",
      kind: "category",
      values: ["blue", "red"],
      encode: "ordinal",
    });
    expect((await first(await openTable(csv(people), options))).x).toEqual([1, 0, 1]);
  });

  it("say what a missing value becomes", async () => {
    const x = async (missing: "drop" | "nan" | "fill") =>
      (await first(await openTable(csv(people), { target: "y", features: ["age"], missing }))).x;
    expect(await x("drop")).toEqual([1, 3]);
    expect(await x("nan")).toEqual([1, Number.NaN, 3]);
    expect(await x("fill")).toEqual([1, 2, 3]);
    await expect(openTable(csv("a,y\n1,0\n2,\n"), { target: "y", missing: "drop" }).then(first)).rejects.toMatchObject({
      code: "data/bad-row",
    });
  });
});
