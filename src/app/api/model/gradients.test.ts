import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readNpy, writeNpy } from "../../../model/data/index.ts";
import { GraphBuilder, tensorOf, toNumbers, writeModel } from "../../../model/onnx/index.ts";
import { computeGradients, inspectModel } from "./index.ts";
import type { GradientRequest } from "./index.ts";

const dir = await mkdtemp(join(tmpdir(), "modelkeep-gradients-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

/** logits = x · fc/w + b, for two features and three classes; `spare` is read by nothing. */
function linear(): Uint8Array {
  const b = new GraphBuilder();
  b.initializer("fc/w", tensorOf("float32", [2, 3], [0.1, -0.2, 0.3, 0.4, 0.5, -0.6]));
  b.initializer("b", tensorOf("float32", [3], [0, 0.1, -0.1]));
  b.initializer("spare", tensorOf("float32", [2], [1, 1]));
  const product = b.op("MatMul", [b.input("x", "float32", ["N", 2]), "fc/w"]);
  b.output(b.op("Add", [product, "b"]), "float32", ["N", 3]);
  return writeModel(b.model());
}

await writeFile(join(dir, "m.onnx"), linear());
const npy = async (name: string, type: "float32" | "float64" | "int64", dims: number[], values: number[]): Promise<string> => {
  const file = join(dir, name);
  await writeFile(file, writeNpy(tensorOf(type, dims, type === "int64" ? values.map(BigInt) : values)));
  return file;
};
const rows = [
  [1, 2],
  [-0.5, 0.25],
] as const;
const data = await npy("x.npy", "float64", [2, 2], rows.flat());
const labels = await npy("y.npy", "int64", [2], [2, 0]);
let runs = 0;
const ask = (more: Partial<GradientRequest> = {}) =>
  computeGradients({ model: join(dir, "m.onnx"), data, labels, loss: "cross-entropy", out: join(dir, `out-${runs++}`), ...more });

/** The gradient by the weights, from the formula: xᵀ (softmax(z) − onehot(y)) / N. */
function byFormula(): { w: number[]; loss: number } {
  const w = [0.1, -0.2, 0.3, 0.4, 0.5, -0.6];
  const sums = Array<number>(6).fill(0);
  let loss = 0;
  for (const [row, label] of [2, 0].entries()) {
    const [a, c] = rows[row]!;
    const z = [0, 0.1, -0.1].map((bias, j) => a * w[j]! + c * w[3 + j]! + bias);
    const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
    loss += (Math.log(total) - z[label]!) / 2;
    z.forEach((value, j) => {
      const delta = (Math.exp(value) / total - (j === label ? 1 : 0)) / 2;
      sums[j]! += a * delta;
      sums[3 + j]! += c * delta;
    });
  }
  return { w: sums, loss };
}

describe("gradients of a file", () => {
  it("are what the formula says, one .npy for each tensor, slashes as underscores, and zero for what nothing reads", async () => {
    const out = join(dir, "all");
    const report = await ask({ wrt: "all", out });
    expect((await readdir(out)).toSorted()).toEqual(["b.npy", "fc_w.npy", "spare.npy", "x.npy"]);
    const w = toNumbers(readNpy(new Uint8Array(await readFile(join(out, "fc_w.npy"))), "fc_w.npy"));
    const expected = byFormula();
    w.forEach((value, i) => expect(value).toBeCloseTo(expected.w[i]!, 5));
    expect(report.loss).toBeCloseTo(expected.loss, 5);
    expect(report.gradients.find(({ tensor }) => tensor === "spare")?.norm).toBe(0);
  });

  it("are by the inputs unless asked otherwise", async () => {
    expect((await ask()).gradients.map(({ tensor, dims }) => [tensor, dims])).toEqual([["x", [2, 2]]]);
  });

  it("are found for weights of any size", async () => {
    const b = new GraphBuilder();
    const size = 400_000;
    b.initializer("w", tensorOf("float32", [2, size / 2], new Float32Array(size)));
    b.output(b.op("MatMul", [b.input("x", "float32", ["N", 2]), "w"]), "float32", ["N", size / 2]);
    const model = join(dir, "wide.onnx");
    await writeFile(model, writeModel(b.model()));
    const report = await ask({ model, loss: "sum", labels: undefined, wrt: ["w"] });
    // Each column has the sums of the two features over the batch.
    expect(report.gradients[0]!.norm).toBeCloseTo(Math.hypot(0.5, 2.25) * Math.sqrt(size / 2), 1);
  });

  it.for<[string, () => Promise<Partial<GradientRequest>>, string, string]>([
    [
      "a label that is no class",
      async () => ({ labels: await npy("y3.npy", "int64", [2], [3, 0]) }),
      "autodiff/bad-loss",
      "label 3 at position 0",
    ],
    [
      "labels that are fractions",
      async () => ({ labels: await npy("yf.npy", "float32", [2], [0.5, 1]) }),
      "api/bad-data",
      "holds fractions",
    ],
    [
      "more labels than rows",
      async () => ({ labels: await npy("y4.npy", "int64", [3], [0, 1, 2]) }),
      "api/bad-data",
      "3 labels, the data has 2 rows",
    ],
    ["no labels", async () => ({ labels: undefined }), "api/bad-data", "needs labels"],
    [
      "data of another shape",
      async () => ({ data: await npy("x3.npy", "float32", [2, 3], [1, 2, 3, 4, 5, 6]) }),
      "api/bad-data",
      "has shape [2,3]",
    ],
    [
      "NaN in the data",
      async () => ({ data: await npy("xn.npy", "float32", [2, 2], [1, Number.NaN, 3, 4]) }),
      "api/bad-data",
      "NaN at position 1",
    ],
    ["an input that the model has not", async () => ({ data: `x=${data},z=${data}` }), "api/bad-data", "no tensor input `z`"],
    ["a missing file", async () => ({ data: join(dir, "nowhere.npy") }), "api/no-such-file", "ENOENT"],
    ["a file that is no array", async () => ({ data: join(dir, "m.onnx") }), "data/", ""],
    ["a tensor that the model has not", async () => ({ wrt: ["fc.w"] }), "autodiff/unknown-value", "fc.w"],
  ])("refuse %s, and write nothing", async ([, change, code, message]) => {
    const out = join(dir, `refused-${runs++}`);
    const refused = await ask({ ...(await change()), out }).catch((error: unknown) => error);
    expect((refused as { code: string }).code).toContain(code);
    expect((refused as Error).message).toContain(message);
    expect(existsSync(out)).toBe(false);
  });
});

describe("an inspection", () => {
  it("tells what a model takes, gives, costs, and what smells", async () => {
    const report = await inspectModel(join(dir, "m.onnx"));
    expect(report).toMatchObject({
      inputs: [{ name: "x", type: "float32[N,2]" }],
      batch: { kind: "dynamic", maxBatch: 256 },
      parameters: 11,
      operators: { MatMul: 1, Add: 1 },
      gradients: { inputs: [{ name: "x", reached: true }], facts: [] },
      problems: [],
    });
    expect(report.smells.map(({ rule }) => rule)).toEqual(["model/unused-weights"]);
  });

  it("of a file that is no model is an error with what to do", async () => {
    await writeFile(join(dir, "w.pkl"), Buffer.from([0x80, 4, 0x95, 0, 0, 0, 0]));
    await expect(inspectModel(join(dir, "w.pkl"))).rejects.toMatchObject({ code: "onnx/not-onnx" });
  });
});
