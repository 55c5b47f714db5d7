/** Runs the lines of docs/guide/rewriting.md as they stand, against the source instead of the built package. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as onnx from "../../src/model/onnx/index.ts";

const root = join(import.meta.dirname, "../..");
let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "modelkeep-guide-"))));
afterAll(() => rmSync(folder, { recursive: true }));

it("the guide to rewriting models does what it says", () => {
  const guide = readFileSync(join(root, "docs/guide/rewriting.md"), "utf8");
  const code = [...guide.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]!).join("\n");
  const names = [...code.matchAll(/import \{(.*?)\} from "modelkeep\/onnx"/g)].flatMap((match) =>
    match[1]!.split(",").map((name) => name.trim()),
  );
  for (const name of names) expect(Object.keys(onnx), name).toContain(name);

  const body = code.replaceAll(/^import .*$/gm, "").replaceAll(/\)!/g, ")");
  const printed: string[] = [];
  const files = {
    readFileSync: () => readFileSync(join(root, "examples/models/digits.onnx")),
    writeFileSync: (name: string, bytes: Uint8Array) => writeFileSync(join(folder, name), bytes),
  };
  const log = { log: (...words: unknown[]) => void printed.push(words.join(" ")) };
  // oxlint-disable-next-line no-new-func -- the guide's own lines, from this repository
  const run = new Function(
    "onnx",
    "files",
    "console",
    `const { ${names.join(", ")} } = onnx; const { readFileSync, writeFileSync } = files;\n${body}\nreturn calibrated;`,
  );
  const calibrated = (run as (...args: unknown[]) => onnx.Model)(onnx, files, log);

  const promised = [...code.matchAll(/console\.log\(.*?\);\s*\/\/ (.*)$/gm)].map((match) => match[1]!);
  expect(printed).toEqual(promised);
  onnx.checkModel(calibrated);
  expect(onnx.contractOf(calibrated).outputs.map(({ dims }) => dims)).toEqual([["N", 10]]);
  expect(onnx.readModel(new Uint8Array(readFileSync(join(folder, "digits-64.onnx")))).graph.inputs[0]!.type).toMatchObject({
    dims: [64, 1, 28, 28],
  });
  // Every function that the table names is there.
  const table = [...guide.matchAll(/^\| .* \| (.*) \|$/gm)].flatMap((row) =>
    [...row[1]!.matchAll(/`([a-z]\w+)/gi)].map((match) => match[1]!),
  );
  for (const name of table) expect(Object.keys(onnx), name).toContain(name);
});
