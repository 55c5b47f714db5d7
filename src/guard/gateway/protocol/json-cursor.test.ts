import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonCursor } from "./json-cursor.ts";
import { refusalOf } from "../../../../test/helpers/requests.ts";

function accepts(text: string): boolean {
  try {
    const cursor = new JsonCursor(text);
    cursor.skip();
    cursor.end();
    return true;
  } catch {
    return false;
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("JSON cursor", () => {
  it("accepts exactly what JSON.parse accepts", () => {
    const broken = fc
      .tuple(
        fc.json({ maxDepth: 3 }),
        fc.nat(),
        fc.constantFrom("", ",", "]", "}", '"', "\\", "0", "-", ".", "e", "\u0000", "\u00a0", "n", " "),
      )
      .map(
        ([text, at, piece]) =>
          text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + (piece === "" ? 1 : 0)),
      );
    fc.assert(
      fc.property(fc.oneof(fc.json(), broken), (text) => {
        expect(accepts(text)).toBe(parses(text));
      }),
      { numRuns: 3000 },
    );
  });

  it.for([
    "01",
    "-",
    "+1",
    ".5",
    "1.",
    "1e",
    "1e+",
    "0x10",
    "NaN",
    "Infinity",
    "nulll",
    "tru",
    "'a'",
    '"\t"',
    '"\\x"',
    "[1,]",
    "{,}",
    '{"a" 1}',
    "[1 2]",
    "",
    "1 1",
    "\ufeff1",
  ])("refuses %j", (text) => {
    expect(accepts(text)).toBe(false);
    expect(parses(text)).toBe(false);
  });

  it("reads every decimal number to the nearest double, as Number does", () => {
    const digits = fc.stringMatching(/^(0|[1-9][0-9]{0,24})$/);
    const decimal = fc
      .tuple(fc.boolean(), digits, fc.option(fc.stringMatching(/^[0-9]{1,24}$/)), fc.option(fc.integer({ min: -330, max: 330 })))
      .map(
        ([negative, whole, fraction, exponent]) =>
          `${negative ? "-" : ""}${whole}${fraction === null ? "" : `.${fraction}`}${exponent === null ? "" : `e${exponent}`}`,
      );
    const shortest = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
    fc.assert(
      fc.property(fc.oneof(decimal, shortest), (text) => {
        const cursor = new JsonCursor(text);
        expect(Object.is(cursor.number(), Number(text))).toBe(true);
        expect(cursor.at).toBe(text.length);
        expect(cursor.integer).toBe(!/[.e]/.test(text));
      }),
      { numRuns: 5000 },
    );
  });

  it("reads strings as JSON.parse does, and refuses half a surrogate pair, which no UTF-8 can hold", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(new JsonCursor(JSON.stringify(text)).string()).toBe(text);
        const escaped = `"${Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`;
        expect(new JsonCursor(escaped).string()).toBe(text);
      }),
    );
    expect(refusalOf(() => new JsonCursor('"\\ud800"').string()).message).toContain("surrogate");
    expect(refusalOf(() => new JsonCursor('"\\udc00\\ud800"').string()).message).toContain("surrogate");
  });

  it("says where the text stops being JSON", () => {
    expect(refusalOf(() => new JsonCursor('{"a":1,}').skip()).message).toBe(
      "the request is not JSON: a field name in quotes is expected where something else stands (character 7)",
    );
    expect(refusalOf(() => new JsonCursor("[1").skip()).message).toContain("where the text ends (character 2)");
  });

  it("refuses values nested deeper than anyone needs, without growing the stack", () => {
    const refusal = refusalOf(() => new JsonCursor("[".repeat(500_000)).skip());
    expect(refusal.code).toBe("gateway/bad-json");
    expect(refusal.message).toContain("nested too deeply");
  });
});
