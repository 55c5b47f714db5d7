import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bytesSource, csvTable, jsonlTable, openTable } from "../../src/model/data/index.ts";

interface Golden {
  readonly name: string;
  readonly format: "csv" | "jsonl";
  readonly text: string;
  readonly delimiter?: string;
  readonly missing?: "fill";
  readonly columns: string[];
  readonly x: string;
  readonly classes: string[];
  readonly y: number[];
}
const golden = JSON.parse(readFileSync(new URL("../interop/python/golden_tables.json", import.meta.url), "utf8")) as {
  cases: Golden[];
};

describe("tables that pandas wrote", () => {
  it("are all there", () => expect(golden.cases.length).toBe(13));

  it.for(golden.cases)("become the matrix that pandas makes of them: $name", async (golden) => {
    const { format, text, delimiter, missing, columns, x, classes, y } = golden;
    const source = bytesSource("t", new TextEncoder().encode(text), 11);
    const table = format === "csv" ? csvTable(source, delimiter === undefined ? {} : { delimiter }) : jsonlTable(source);
    const data = await (await openTable(table, { target: "income", ...(missing === undefined ? {} : { missing }) })).load();
    const [input, target] = data.fields;
    expect(input).toEqual({ name: "x", type: "float32", dims: [columns.length], columns });
    expect(target).toEqual({ name: "y", type: "int64", dims: [], classes });
    const { tensors } = data.take(Uint32Array.from({ length: data.size }, (_, i) => i));
    expect(Buffer.from(tensors["x"]!.data).toString("hex")).toBe(x);
    expect([...new BigInt64Array(tensors["y"]!.data.buffer as ArrayBuffer)].map(Number)).toEqual(y);
  });
});
