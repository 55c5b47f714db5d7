import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { breaches } from "./laws.ts";
import { readSource, readSources } from "./read-imports.ts";
import type { SourceFile } from "./read-imports.ts";

const src = join(import.meta.dirname, "../../src");

describe("the house", () => {
  const files = readSources(src);

  it("was read whole: as many files as a search by another program finds, and they import something", () => {
    const found = execFileSync("find", [src, "-name", "*.ts", "-o", "-name", "*.tsx"], { encoding: "utf8" }).trim().split("\n");
    expect(files.length).toBe(found.length);
    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((file) => file.imports.length > 0).length).toBeGreaterThan(files.length / 2);
  });

  it("keeps its floors, faces and neighbours, has no cycle and no default export", () => {
    expect(breaches(files)).toEqual([]);
  });
});

describe("the laws of the house find", () => {
  const tree = (sources: Record<string, string>): SourceFile[] =>
    Object.entries(sources).map(([path, text]) => readSource(path, text));
  it.for<[string, Record<string, string>, string]>([
    [
      "an import upwards",
      { "base/net/a.ts": 'import { x } from "../../guard/audit/index.ts"; x;' },
      "may not import guard/audit",
    ],
    [
      "an import upwards for its type only",
      { "base/net/a.ts": 'import type { X } from "../../guard/audit/index.ts"; export type Y = X;' },
      "may not import",
    ],
    [
      "a neighbour that is not listed",
      { "guard/audit/a.ts": 'export { x } from "../gateway/index.ts";' },
      "may not import guard/gateway",
    ],
    [
      "a room entered past its index",
      { "guard/audit/a.ts": 'import { x } from "../../base/net/cidr.ts"; x;' },
      "reaches into base/net",
    ],
    [
      "a dynamic import upwards",
      { "model/onnx/a.ts": 'export const f = () => import("../../guard/audit/index.ts");' },
      "may not import guard/audit",
    ],
    [
      "Node in portable code",
      { "lab/attack/a.ts": 'import { readFile } from "node:fs"; readFile;' },
      "need Node only in *.node.ts",
    ],
    [
      "a Node file behind portable code",
      { "base/net/a.ts": 'import { x } from "./b.node.ts"; x;' },
      "portable code cannot need Node",
    ],
    ["a file in no room", { "base/loose.ts": "export const x = 1;" }, "is in no room"],
    ["a default export", { "base/net/a.ts": "export default 1;" }, "has a default export"],
    ["a default export in disguise", { "base/net/a.ts": "const x = 1; export { x as default };" }, "has a default export"],
    [
      "a cycle through three files",
      {
        "base/net/a.ts": 'import { b } from "./b.ts"; export const a = b;',
        "base/net/b.ts": 'import { c } from "./c.ts"; export const b = c;',
        "base/net/c.ts": 'import { a } from "./a.ts"; export const c = a;',
      },
      "import cycle: base/net/a.ts → base/net/b.ts → base/net/c.ts → base/net/a.ts",
    ],
  ])("%s", ([, sources, sentence]) => {
    expect(breaches(tree(sources)).join("\n")).toContain(sentence);
  });

  it("nothing in a clean pair of rooms", () => {
    const clean = {
      "guard/gateway/a.ts": 'import { x } from "../audit/index.ts"; import { readFile } from "node:fs"; x; readFile;',
      "guard/audit/index.ts": 'export { y as x } from "./y.ts";',
      "guard/audit/y.ts": 'import type { T } from "./index.ts"; export const y: T = 1;',
    };
    expect(breaches(tree(clean))).toEqual([]);
  });
});
