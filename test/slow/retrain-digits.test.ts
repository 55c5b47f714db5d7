import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readModel } from "../../src/model/onnx/index.ts";
import { blockSizeOf, openResident } from "../../src/model/runtime/index.node.ts";

const root = join(import.meta.dirname, "../..");

/** What training made of the file: its weights and its record. */
function learntOf(path: string) {
  const { graph, metadata } = readModel(new Uint8Array(readFileSync(path)));
  const record = JSON.parse(metadata.get("modelkeep.training")!) as Record<string, unknown>;
  return { weights: [...graph.initializers].map(([name, { data }]) => [name, Buffer.from(data).toString("hex")]), record };
}

it(
  "training the bundled digit classifier again gives the same weights, and at least 99 % on MNIST's test digits",
  { timeout: 3_600_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "retrain-"));
    try {
      const out = join(folder, "digits.onnx");
      // The script itself ends with `evaluate --require "accuracy >= 0.99"`.
      execFileSync(process.execPath, [join(root, "examples/digits/train.mjs"), out], { stdio: "inherit" });
      const [again, bundled] = [learntOf(out), learntOf(join(root, "examples/models/digits.onnx"))];
      expect(again.record["data"]).toEqual(bundled.record["data"]);
      expect(again.record["recipe"]).toEqual(bundled.record["recipe"]);
      // Processors with wider vectors add in another order: the same bytes are promised for those of the machine that trained it.
      const place = await openResident();
      const block = await blockSizeOf(place);
      await place.close();
      if (block === 8) expect(again.weights).toEqual(bundled.weights);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
