import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isModelkeepError } from "../../../base/error/index.ts";
import { csvTable } from "./csv.ts";
import type { CsvOptions } from "./csv.ts";
import { bytesSource } from "./source.ts";
import type { Row } from "./table.ts";

interface Reading extends CsvOptions {
  readonly chunkBytes?: number;
}

async function read(
  text: string | Uint8Array,
  { chunkBytes = 65_536, ...options }: Reading = {},
): Promise<{ names: readonly string[]; rows: Row[] }> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const table = csvTable(bytesSource("t.csv", bytes, chunkBytes), options);
  const names = await table.columns();
  const rows: Row[] = [];
  for await (const block of table.rows(names)) rows.push(...block);
  return { names, rows };
}
const cells = async (text: string, options: Reading = {}) => (await read(text, options)).rows.map((row) => row.cells);

describe("CSV", () => {
  it.for([
    [
      "plain fields",
      "a,b\n1,2\n3,4\n",
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    ["no line end at the end", "a,b\n1,2", [["1", "2"]]],
    [
      "CR LF, and CR alone",
      "a,b\r\n1,2\r3,4\r\n",
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    ["quotes around what needs them", 'a,b\n"x,y","say ""hi"""\n', [["x,y", 'say "hi"']]],
    [
      "line ends inside quotes",
      'a,b\n"1\n2","3\r\n4"\n5,6\n',
      [
        ["1\n2", "3\r\n4"],
        ["5", "6"],
      ],
    ],
    [
      "empty fields",
      'a,b\n,\n"",x\n',
      [
        ["", ""],
        ["", "x"],
      ],
    ],
    ["empty lines, which do not count", "a,b\n\n1,2\n\n\n", [["1", "2"]]],
    ["a byte order mark", "\ufeffa,b\n1,2\n", [["1", "2"]]],
    ["a quoted field at the very end", 'a,b\n1,"2"', [["1", "2"]]],
    ["spaces, which are part of fields", "a,b\n 1 , 2\n", [[" 1 ", " 2"]]],
  ] as const)("has %s", async ([, text, expected]) => {
    for (const chunkBytes of [1, 2, 3, 1000]) expect(await cells(text, { chunkBytes })).toEqual(expected);
  });

  it("takes other delimiters, and files without a header", async () => {
    expect(await read("1;2,5\n", { delimiter: ";", columns: ["a", "b"] })).toEqual({
      names: ["a", "b"],
      rows: [{ line: 1, cells: ["1", "2,5"] }],
    });
    expect(() => csvTable(bytesSource("t.csv", new Uint8Array()), { delimiter: ",;" })).toThrow(
      expect.objectContaining({ code: "data/bad-option" }),
    );
  });

  it("names a column that pandas leaves without a name", async () => {
    expect((await read(",a\n0,1\n")).names).toEqual(["column1", "a"]);
  });

  it("knows on which line each row begins", async () => {
    const { rows } = await read('a,b\r\n"1\n2",x\n\n3,y\n4,z');
    expect(rows.map(({ line }) => line)).toEqual([2, 5, 6]);
  });

  it("gives back any fields, however the bytes are cut", async () => {
    const field = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", "é", "😀", " ") });
    const quoteAll = (rows: readonly (readonly string[])[]) =>
      rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")).join("\r\n");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(field, field), { minLength: 1 }),
        fc.integer({ min: 1, max: 40 }),
        async (rows, chunkBytes) => {
          expect(await cells(quoteAll(rows), { columns: ["a", "b"], chunkBytes })).toEqual(rows);
        },
      ),
    );
  });

  it.for([
    ["a row that is too short", "a,b\n1,2\n\n3\n", "data/bad-row", "`t.csv`, line 4: it has 1 field, the header has 2"],
    ["a row that is too long", 'a,b\n"1\n",2\n3,4,5\n', "data/bad-row", "`t.csv`, line 4: it has 3 fields, the header has 2"],
    ["a quote that is never closed", 'a,b\n1,2\n3,"4\n5,6\n', "data/bad-row", "`t.csv`, line 3: a quote is never closed"],
    ["letters behind a quote", 'a,b\n"1"x,2\n', "data/bad-row", "`t.csv`, line 2: `x` follows a closing quote in field 1"],
    ["a quote inside a field", 'a,b\n1,5" pipe\n', "data/bad-row", "`t.csv`, line 2: a quote stands inside field 2"],
    ["a column twice", "a,b,a\n", "data/malformed", "`t.csv`, line 1: two columns are called `a`"],
    ["nothing at all", "", "data/malformed", "`t.csv`: it is empty"],
    [
      "bytes that are not UTF-8",
      Uint8Array.from(Buffer.from("a,b\n1,2\n3,\xe9\n", "latin1")),
      "data/malformed",
      "`t.csv`, line 3: this is not UTF-8",
    ],
    ["half a letter at the end", Uint8Array.of(0x61, 0x0a, 0xc3), "data/malformed", "this is not UTF-8"],
  ] as const)("refuses %s by file and line", async ([, text, code, says]) => {
    for (const chunkBytes of [1, 1000]) {
      await expect(read(text, { chunkBytes })).rejects.toMatchObject({
        code,
        message: expect.stringContaining(says),
        hint: expect.any(String),
      });
    }
  });

  it("gives up on a quote that opens a gigabyte, in bounded memory", async () => {
    const endless = {
      name: "t.csv",
      async *chunks() {
        yield new TextEncoder().encode('a\n"');
        const chunk = new Uint8Array(2 ** 20).fill(0x61);
        for (let i = 0; i < 1024; i++) yield chunk;
      },
    };
    const reading = async () => {
      for await (const _ of csvTable(endless).rows(["a"]));
    };
    await expect(reading()).rejects.toMatchObject({
      code: "data/bad-row",
      message: expect.stringContaining("line 2: a row is longer"),
    });
  });

  it("answers any bytes with rows or a typed error", async () => {
    const bytes = fc.array(fc.constantFrom(...new TextEncoder().encode('a,"\r\n0'), 0xff, 0xc3, 0), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 60 }), async (values, chunkBytes) => {
        try {
          const { names, rows } = await read(Uint8Array.from(values), { chunkBytes });
          for (const row of rows) expect(row.cells.length).toBe(names.length);
        } catch (error) {
          if (!isModelkeepError(error) || error.code === "internal/unexpected") throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
