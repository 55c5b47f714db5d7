import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readModel, writeModel } from "../../../model/onnx/index.ts";
import { assessModel } from "./index.ts";
import { boundsFor } from "./request.ts";

const models = join(import.meta.dirname, "../../../../test/fixtures/models");
let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "modelkeep-assess-"))));
afterAll(() => rmSync(folder, { recursive: true }));

describe("assess", () => {
  it("finds wrong answers of a forest of scikit-learn, which has no gradient, and never calls it robust", async () => {
    const report = await assessModel({
      model: join(models, "sk_forest_wine.onnx"),
      data: join(models, "sk_forest_wine.csv"),
      target: "kind",
      limit: 24,
      threats: ["linf:0.002,0.2"],
      out: folder,
    });
    expect(report.cleanAccuracy).toBe(1);
    const [small, large] = report.threats;
    expect(small!.verdict).not.toBe("robust");
    expect(large!.verdict).toBe("broken");
    expect(large!.robustAccuracy).toBeLessThan(0.3);
    expect(report.audit.filter(({ check, status }) => check === "attacks-run" && status === "failed")).not.toEqual([]);
    expect(report.audit.find(({ check }) => check === "perturbations")!.status).toBe("passed");
  });

  it("refuses a model that reads text by its record, before any data is read", async () => {
    const model = readModel(new Uint8Array(readFileSync(join(models, "sk_forest_wine.onnx"))));
    const record = { version: 1, text: { tokenizer: { form: "words", name: "words" }, length: 8 } };
    const file = join(folder, "text.onnx");
    writeFileSync(file, writeModel({ ...model, metadata: new Map([["modelkeep.training", JSON.stringify(record)]]) }));
    await expect(assessModel({ model: file, data: "nowhere.csv", out: folder })).rejects.toMatchObject({
      code: "api/bad-data",
      exit: 4,
      message: expect.stringContaining("reads text") as string,
    });
  });

  it.each([
    [{ model: "m.onnx", key: "file:k" }, "--key and --queries are for a model that is served"],
    [{ model: "https://user:pass@host/v2/models/m" }, "is no address of a model"],
    [{ model: "https://host/v2/models/m", key: "file:nowhere" }, "nowhere"],
  ])("says what is wrong with %j before it looks for the data", async (given, message) => {
    await expect(assessModel({ ...given, data: "nowhere.csv", out: folder })).rejects.toThrow(message);
  });

  it("takes the range of each column of a table from that column", () => {
    const table = { x: Float32Array.of(20, 1000, 65, -5), table: true, dims: [2] };
    expect(boundsFor(undefined, table).bounds).toEqual({ low: Float32Array.of(20, -5), high: Float32Array.of(65, 1000) });
    expect(boundsFor("0,1", table).bounds).toEqual({ low: 0, high: 1 });
  });
});
