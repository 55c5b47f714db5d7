import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeIn, splitPolicies } from "./source.ts";

const split = (text: string) => splitPolicies({ name: "f.cedar", text });

function blankAndComments(text: string): boolean {
  return text.replace(/\/\/[^\n\r]*/g, "").trim() === "";
}

describe("a policy file", () => {
  it("falls into its policies, whatever stands in their strings and comments", () => {
    const text = [
      "// a; comment",
      '@id("one;") permit (principal, action, resource) // trailing; comment',
      'when { principal.name == "a;\\";b//" };',
      "",
      "  forbid (principal, action, resource); permit (principal, action, resource);",
      "// the end;",
    ].join("\n");
    expect(split(text).map(({ text, line, column }) => [text.slice(0, 6), text.at(-1), line, column])).toEqual([
      ['@id("o', ";", 2, 1],
      ["forbid", ";", 5, 3],
      ["permit", ";", 5, 41],
    ]);
  });

  it("hands on what stands after the last semicolon, so that Cedar says what is wrong with it", () => {
    expect(split("permit (principal, action, resource);\n  permit (\n").map(({ text, line }) => [text, line])).toEqual([
      ["permit (principal, action, resource);", 1],
      ["permit (", 2],
    ]);
    expect(split('permit "; never closed')).toHaveLength(1);
    expect(split(" \n// nothing\n")).toEqual([]);
  });

  it("loses nothing but blanks and comments between policies, for any text", () => {
    const piece = fc.constantFrom(";", '"', "\\", "//", "\n", "\r\n", " ", "permit", "x", "é", "💥", "(", ")");
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }).map((parts) => parts.join("")),
        (text) => {
          let at = 0;
          for (const policy of split(text)) {
            const lines = text.split("\n").slice(0, policy.line - 1);
            const start = lines.reduce((sum, line) => sum + line.length + 1, 0) + policy.column - 1;
            expect(text.startsWith(policy.text, start)).toBe(true);
            expect(blankAndComments(text.slice(at, start))).toBe(true);
            at = start + policy.text.length;
          }
          expect(blankAndComments(text.slice(at))).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("gives places in lines and columns though Cedar counts bytes", () => {
    const [policy] = split('\n  permit (principal, action, resource)\nwhen { "é💥" == resource };');
    const offset = Buffer.from(policy!.text.slice(0, policy!.text.indexOf("resource }"))).length;
    expect(placeIn(policy!, offset)).toEqual({ line: 3, column: 17 });
    expect(placeIn(policy!, 0)).toEqual({ line: 2, column: 3 });
  });
});
