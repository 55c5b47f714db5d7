/** Arrays that NumPy and joblib wrote, as safetensors: the same bits. Needs Python 3 and the network. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { convertFile } from "../../src/posture/scan/index.node.ts";
import { pythonWith } from "../helpers/python.ts";

const folder = mkdtempSync(join(tmpdir(), "modelkeep-convert-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Told = readonly [shape: readonly number[], digest: string];

function told(path: string): Record<string, Told> {
  const file = readFileSync(path);
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length).toString()) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >;
  return Object.fromEntries(
    Object.entries(header).map(
      ([
        name,
        {
          shape,
          data_offsets: [from, to],
        },
      ]) => [
        name,
        [
          shape,
          createHash("sha256")
            .update(file.subarray(8 + length + from, 8 + length + to))
            .digest("hex"),
        ] as const,
      ],
    ),
  );
}

describe("convert", () => {
  it("keeps every bit of every array that NumPy and joblib write, in every form", () => {
    const python = pythonWith(["numpy==2.4.6", "joblib==1.6.0"]);
    const lines = execFileSync(python, [join(import.meta.dirname, "python/convert_files.py"), folder], { encoding: "utf8" });
    const files = lines
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { path: string; tensors: Record<string, Told> });
    expect(files.length).toBeGreaterThan(100);
    for (const { path, tensors } of files) {
      convertFile(path, `${path}.safetensors`);
      expect([path, told(`${path}.safetensors`)]).toEqual([path, tensors]);
    }
  });
});
