import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isModelkeepError } from "../../../base/error/index.ts";
import { createSeeded } from "../../../base/math/index.ts";
import { arrowTable } from "../arrow/arrow.ts";
import { parquetTable } from "../parquet/parquet.ts";
import { tableInWorker } from "../worker/table-in-worker.node.ts";
import { bytesRandomSource } from "./random-source.ts";

interface Golden {
  readonly columns: readonly string[];
  readonly files: readonly { readonly name: string; readonly format: "parquet" | "arrow"; readonly bytes: string }[];
}
const path = new URL("../../../../test/interop/python/golden_columnar.json", import.meta.url);
const { files, columns } = JSON.parse(readFileSync(path, "utf8")) as Golden;

/** Some bytes changed, or the file cut short. */
function damage(bytes: Uint8Array, seed: number): Uint8Array {
  const dice = createSeeded(seed);
  const out = bytes.slice();
  // The directory at the end, or the one at the beginning, is where the lies would be.
  const place = (): number =>
    dice.below(2) === 0 ? dice.below(out.length) : out.length - 1 - dice.below(Math.min(out.length, 4000));
  for (let i = 1 + dice.below(4); i > 0; i--) out[place()] = dice.below(256);
  return dice.below(8) === 0 ? out.subarray(0, dice.below(out.length)) : out;
}
const bytesOf = (file: { bytes: string }) => new Uint8Array(Buffer.from(file.bytes, "base64"));

describe.for(files)("a damaged file of $name", (file) => {
  it("gives rows or a typed error", async () => {
    for (let seed = 0; seed < 4; seed++) {
      const source = bytesRandomSource(file.name, damage(bytesOf(file), seed));
      const table = file.format === "parquet" ? parquetTable(source) : arrowTable(source);
      try {
        for await (const block of table.rows(columns)) expect(block.length).toBeGreaterThan(0);
      } catch (error) {
        if (!isModelkeepError(error)) throw error;
        expect(error.code).toMatch(/^data\//);
      }
    }
  });
});

describe("a columnar file in a worker", () => {
  const folder = mkdtempSync(join(tmpdir(), "modelkeep-columnar-"));
  const write = (bytes: Uint8Array, ending: string): string => {
    const to = join(folder, `file.${ending}`);
    writeFileSync(to, bytes);
    return to;
  };

  it("that keeps its decoder busy for longer than it may is given up", async () => {
    // No decoder starts within a millisecond; a damaged file can keep one busy for ever.
    const file = files.find(({ format }) => format === "parquet")!;
    const table = tableInWorker(write(bytesOf(file), "parquet"), "parquet", { patienceMs: 1 });
    await expect(table.rows(columns)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "data/too-large" });
  });

  it("has the same columns and rows, and the same errors", async () => {
    const [file] = files;
    const table = tableInWorker(write(bytesOf(file!), "parquet"), "parquet");
    expect(await table.columns()).toEqual(columns);
    const lines: number[] = [];
    for await (const block of table.rows(["i8"])) for (const { line } of block) lines.push(line);
    expect(lines).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
    await expect(table.rows(["i9"])[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: "data/unknown-name",
      hint: "did you mean `i8`?",
    });
    await expect(tableInWorker(join(folder, "none"), "arrow").columns()).rejects.toMatchObject({ code: "data/no-file" });
    rmSync(folder, { recursive: true });
  });
});
