import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pssFixtures } from "../../../../../../test/helpers/pss-fixtures.ts";
import { manifestTexts, mutationsOf } from "../../../../../../test/helpers/yaml-texts.ts";
import { readFully } from "../full-yaml.ts";
import { lineLookup } from "../lines.ts";
import { maxValues } from "../node.ts";
import { readYaml } from "../read-yaml.ts";
import { readQuickly } from "./quick-yaml.ts";
import { declined, enter } from "./reading.ts";

/** True where the quick reader took the text; it then says what the full one says, places and all. */
function taken(text: string): boolean {
  const documents = readQuickly(text);
  if (documents === undefined) return false;
  const full = readFully(text);
  if (!isDeepStrictEqual(documents, full.documents)) expect({ text, documents }).toEqual({ text, documents: full.documents });
  const lineAt = lineLookup(text);
  for (let offset = 0; offset <= text.length; offset++) {
    if (lineAt(offset) !== full.lineAt(offset)) expect({ text, offset, line: lineAt(offset) }).toEqual(full.lineAt(offset));
  }
  return true;
}

const deploy = (name: string) => readFileSync(join(import.meta.dirname, "../../../../../../deploy", name), "utf8");

describe("the quick reader of YAML", () => {
  it("answers as the full one does, or not at all, for whatever manifests may look like", () => {
    let [took, runs] = [0, 0];
    fc.assert(
      fc.property(manifestTexts, (text) => {
        runs++;
        if (taken(text)) took++;
      }),
      { numRuns: 1000 },
    );
    expect(took).toBeGreaterThan(runs / 10);
  });

  it("does so for official fixtures with a few characters changed", () => {
    const texts = [...new Set(pssFixtures().map(({ text }) => text))].filter((_, i) => i % 8 === 0);
    let took = 0;
    fc.assert(
      fc.property(mutationsOf([...texts, deploy("compose/compose.yaml")]), (text) => {
        if (taken(text)) took++;
      }),
      { numRuns: 800 },
    );
    expect(took).toBeGreaterThan(80);
  });

  it("takes the official fixtures", () => {
    const texts = [...new Set(pssFixtures().map(({ text }) => text))];
    expect(texts.filter((text) => readQuickly(text) !== undefined).length).toBeGreaterThan(0.95 * texts.length);
    expect(texts.filter((_, i) => i % 40 === 0).every(taken)).toBe(true);
  });

  it.for([
    ["a list in flow of a megabyte on one line", `a: [${"x, ".repeat(350_000)}x]\n`, 350_001],
    ["a hundred thousand lines", Array.from({ length: 100_000 }, (_, i) => `k${i}: "v" # c\n`).join(""), 100_000],
    ["a hundred thousand items", `a:\n${"- x\n".repeat(100_000)}`, 100_000],
  ] as const)("reads %s", ([, text, count]) => {
    const [document] = readQuickly(text)!;
    const value = document!.value as Record<string, unknown>;
    expect(Array.isArray(value["a"]) ? value["a"].length : Object.keys(value).length).toBe(count);
  });

  it.for([
    ["flow lists", (depth: number) => `a: ${"[".repeat(depth)}${"]".repeat(depth)}\n`],
    ["mappings", (depth: number) => Array.from({ length: depth }, (_, i) => `${" ".repeat(i)}a:\n`).join("")],
  ] as const)("leaves the refusal of %s nested too deeply to the full one", ([, nested]) => {
    expect(taken(nested(190))).toBe(true);
    for (const depth of [250, 1_500]) {
      expect(readQuickly(nested(depth))).toBeUndefined();
      expect(() => readYaml(nested(depth))).toThrow(/nested/);
    }
  });

  it("leaves more values than a document may have to the full one", () => {
    const reading = { text: "", at: 0, indent: 0, commented: false, lastEmpty: -1, path: [], duplicates: [] };
    expect(() => enter({ ...reading, values: maxValues - 1 })).not.toThrow();
    expect(() => enter({ ...reading, values: maxValues })).toThrow(declined);
  });
});
