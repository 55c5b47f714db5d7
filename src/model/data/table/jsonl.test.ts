import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isModelkeepError } from "../../../base/error/index.ts";
import { jsonlTable } from "./jsonl.ts";
import { bytesSource } from "./source.ts";
import type { Row } from "./table.ts";

const tableOf = (text: string, chunkBytes = 7) => jsonlTable(bytesSource("t.jsonl", new TextEncoder().encode(text), chunkBytes));
async function read(text: string, chunkBytes?: number): Promise<{ names: readonly string[]; rows: Row[] }> {
  const table = tableOf(text, chunkBytes);
  const names = await table.columns();
  const rows: Row[] = [];
  for await (const block of table.rows(names)) rows.push(...block);
  return { names, rows };
}

describe("JSON Lines", () => {
  it("is a table of all members, missing where a line lacks one", async () => {
    const { names, rows } = await read('{"a":1,"b":"x"}\r\n\n{"b":null,"c":true}\n{"a":[1,[2,3]]}');
    expect(names).toEqual(["a", "b", "c"]);
    expect(rows).toEqual([
      { line: 1, cells: [1, "x", undefined] },
      { line: 3, cells: [undefined, null, true] },
      { line: 4, cells: [[1, 2, 3], undefined, undefined] },
    ]);
  });

  it("has columns of the language's own names", async () => {
    expect(await read('{"__proto__":1,"constructor":2}\n{}')).toEqual({
      names: ["__proto__", "constructor"],
      rows: [
        { line: 1, cells: [1, 2] },
        { line: 2, cells: [undefined, undefined] },
      ],
    });
  });

  it.for([
    ["what is no JSON", '{"a":1}\n{"a":', "line 2: this is not JSON"],
    ["what is no object", '{"a":1}\n\n[1]', "line 3: this is not a JSON object"],
    ["objects inside", '{"a":{"b":1}}', "line 1: `a` is neither a plain value nor an array of numbers"],
    ["arrays of words", '{"a":[1,"2"]}', "line 1: `a` is neither"],
  ] as const)("refuses %s by file and line", async ([, text, says]) => {
    await expect(read(text)).rejects.toMatchObject({
      code: "data/bad-row",
      message: expect.stringContaining(`\`t.jsonl\`, ${says}`),
    });
  });

  it("refuses a member that the schema has not", async () => {
    const reading = async () => {
      for await (const _ of tableOf('{"a":1}\n{"a":1,"z":2}').rows(["a"]));
    };
    await expect(reading()).rejects.toMatchObject({
      code: "data/bad-row",
      message: expect.stringContaining("line 2: it has a member `z`"),
    });
  });

  it("gives back any objects, however the bytes are cut", async () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ a: value, b: value }), { minLength: 1 }),
        fc.integer({ min: 1, max: 40 }),
        async (rows, chunkBytes) => {
          const found = await read(rows.map((row) => JSON.stringify(row)).join("\n"), chunkBytes);
          expect(found.rows.map((row) => row.cells)).toEqual(rows.map(({ a, b }) => [a, b]));
        },
      ),
    );
  });

  it("answers any text with rows or a typed error", async () => {
    const text = fc.string({ unit: fc.constantFrom("{", "}", '"', ":", "[", "]", ",", "1", "\n", "a", "\\"), maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        try {
          await read(value);
        } catch (error) {
          if (!isModelkeepError(error) || error.code === "internal/unexpected") throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
