import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { arrowTable, bytesRandomSource, parquetTable } from "../../src/model/data/index.ts";
import type { Cell } from "../../src/model/data/index.ts";

interface Golden {
  readonly pyarrow: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly files: readonly { readonly name: string; readonly format: "parquet" | "arrow"; readonly bytes: string }[];
}
const golden = JSON.parse(readFileSync(new URL("../interop/python/golden_columnar.json", import.meta.url), "utf8")) as Golden;

describe("columnar files that pyarrow wrote", () => {
  it("are all there", () => expect(golden.files.length).toBe(12));

  it.for(golden.files)("hold the rows that pyarrow put into them: $name", async ({ name, format, bytes }) => {
    const source = bytesRandomSource(name, new Uint8Array(Buffer.from(bytes, "base64")));
    const table = format === "parquet" ? parquetTable(source) : arrowTable(source);
    expect(await table.columns()).toEqual(golden.columns);
    const found: (readonly Cell[])[] = [];
    for await (const block of table.rows(golden.columns)) {
      for (const { line, cells } of block) {
        expect(line).toBe(found.length + 1);
        found.push(cells.map((cell) => cell ?? null));
      }
    }
    expect(found).toEqual(golden.rows);
  });

  it("are read by the column: only those asked for, in the order asked for", async () => {
    const file = golden.files[1]!;
    const table = parquetTable(bytesRandomSource(file.name, new Uint8Array(Buffer.from(file.bytes, "base64"))));
    const block = await table.rows(["word", "i8"])[Symbol.asyncIterator]().next();
    const [first] = block.value as { cells: Cell[] }[];
    expect(first!.cells).toEqual(["red", -100]);
  });
});
