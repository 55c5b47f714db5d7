import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
// Inside the package, so that `modelkeep/onnx` means this package, through its export map.
const scratch = mkdtempSync(join(root, ".cache/guide-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("the guide to gradients", () => {
  it("has an example that runs as it stands, through the package's own export map", () => {
    const example = /^```ts\n(.*?)^```/ms.exec(readFileSync(join(root, "docs/guide/gradients.md"), "utf8"))![1]!;
    const file = join(scratch, "example.mjs");
    const plain = example.replaceAll("!.name", ".name").replaceAll('("input")!', '("input")');
    writeFileSync(
      file,
      `${plain}\nconst g = outputs[gradients.get("input")];\nconsole.log(JSON.stringify({ type: g.type, dims: g.dims }));\n`,
    );
    const printed = execFileSync(process.execPath, [file], { cwd: root, encoding: "utf8" });
    expect(JSON.parse(printed)).toEqual({ type: "float32", dims: [2, 1, 28, 28] });
  });

  it("has an example of a clipped step that runs as it stands", () => {
    const example = /^```ts\n(.*?)^```/ms.exec(readFileSync(join(root, "docs/guide/private-gradients.md"), "utf8"))![1]!;
    const file = join(scratch, "clipped.mjs");
    const plain = example.replaceAll("!.name", ".name").replaceAll(")!]", ")]");
    const shown = `{ dims: outputs[step.sums.get("f2.weight")].dims, padding: new Float32Array(outputs[step.squaredNorms].data.slice().buffer)[1] }`;
    writeFileSync(file, `${plain}\nconsole.log(JSON.stringify(${shown}));\n`);
    const printed = execFileSync(process.execPath, [file], { cwd: root, encoding: "utf8" });
    expect(JSON.parse(printed)).toEqual({ dims: [10, 100], padding: 0 });
  });
});
