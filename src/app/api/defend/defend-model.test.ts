import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clouds } from "../../../../test/helpers/train-sets.ts";
import type { Evidence, EvidenceSink } from "../../../base/evidence/index.ts";
import { recordOf } from "../../../lab/defend/index.node.ts";
import { contractOf, GraphBuilder, readModel, tensorOf, toFloat, toNumbers, writeModel } from "../../../model/onnx/index.ts";
import { certifyModel } from "../certify/index.ts";
import { hardenModel } from "../harden/index.ts";
import { defendModel } from "./index.ts";

let dir = "";
const at = (name: string): string => join(dir, name);
const entries: Evidence[] = [];
const evidence: EvidenceSink = {
  append: async (entry) => ({ index: entries.push(entry) - 1 }),
};
const bounds = "-4,4";

/** Each of three clouds by the direction it lies in; scores that are sure of themselves. */
function compass(): Uint8Array {
  const b = new GraphBuilder({ name: "compass" });
  const x = b.input("x", "float32", ["N", 2]);
  const [cos, sin] = [Math.cos, Math.sin].map((of) => [0, 1, 2].map((k) => 6 * of((2 * Math.PI * k) / 3)));
  const weights = b.initializer("w", tensorOf("float32", [2, 3], [...cos!, ...sin!]));
  const bias = b.initializer("b", tensorOf("float32", [3], [0, 0, 0]));
  b.call({ op: "Gemm", inputs: [x, weights, bias], outputs: ["scores"] });
  b.output("scores", "float32", ["N", 3]);
  return writeModel(b.model());
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "modelkeep-defend-"));
  await writeFile(at("model.onnx"), compass());
  const rows = 300;
  const { tensors } = clouds(rows, 3).take(Uint32Array.from({ length: rows }, (_, i) => i));
  const [x, y] = [toFloat(tensors["x"]!), toNumbers(tensors["y"]!)];
  const lines = Array.from({ length: rows }, (_, i) => `${x[2 * i]},${x[2 * i + 1]},${y[i]}`);
  await writeFile(at("data.csv"), ["a,b,y", ...lines].join("\n"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const data = () => ({ data: at("data.csv"), target: "y", bounds });

describe("defending a file", () => {
  it("builds the defence in, and keeps what goes in and out", async () => {
    const out = at("squeezed.onnx");
    const report = await defendModel({ model: at("model.onnx"), defences: ["squeeze:bits=2,low=-4,high=4"], out });
    const made = readModel(new Uint8Array(await readFile(out)));
    expect(recordOf(made)).toEqual(report.record);
    expect(report.record.defences).toEqual([{ id: "squeeze", params: { bits: 2, low: -4, high: 4 } }]);
    const before = contractOf(readModel(compass()));
    expect([contractOf(made).inputs, contractOf(made).outputs]).toEqual([before.inputs, before.outputs]);
    expect(report.measured).toBeUndefined();
  });

  it("measures cost and gain with data, by attacks that know of it, and leaves a run and evidence", async () => {
    const request = {
      ...data(),
      model: at("model.onnx"),
      defences: ["squeeze:bits=3"],
      detector: "noise:sigma=0.02",
      fpr: 0.1,
      threat: "linf:0.6",
      check: 40,
      out: at("guarded.onnx"),
      runs: at("runs"),
    };
    const { measured, record, out, replay } = await defendModel(request, { evidence });
    const { before, after, cleanCost, folder } = measured!;
    expect(record.defences[0]!.params).toEqual({ bits: 3, low: -4, high: 4 });
    expect(record.detector!.calibration).toMatchObject({ rate: 0.1, n: 260, confidence: 0.95 });
    expect(record.detector!.calibration.bound).toBeLessThanOrEqual(0.1);
    expect([before.n, after.n]).toEqual([40, 40]);
    expect(before.clean).toBeGreaterThan(0.9);
    expect(cleanCost).toBeCloseTo(before.clean - after.clean, 12);
    expect(after.verdict).not.toBe("robust");
    expect(after.adaptive!.join()).toContain("BPDA");
    expect((await readdir(folder)).sort()).toEqual(["pareto.svg", "report.html", "result.json"]);
    const page = await readFile(join(folder, "report.html"), "utf8");
    expect(page).toContain("Attacks that know the defence");
    expect(JSON.parse(await readFile(join(folder, "result.json"), "utf8"))).toMatchObject({
      schema: "modelkeep.defence-report/1",
    });
    expect(replay).toContain("--defence squeeze:bits=3 --detector noise:sigma=0.02 --fpr 0.1");
    expect(entries.at(-1)).toMatchObject({
      kind: "defence.made",
      subject: { type: "model", id: "guarded.onnx", digest: out.digest },
      detail: { verdict: after.verdict },
    });
  });

  it.each([
    [{}, "there is nothing to put in front"],
    [{ detector: "noise" }, "a detector is calibrated on harmless examples"],
    [{ defences: ["median"] }, "median works on pictures"],
    [{ defences: ["squeeze"], threat: "linf:0.1,0.2" }, "several radii"],
    [{ defences: ["squeeze"], with: ["nowhere.onnx"] }, "cannot be read"],
  ])("refuses %j, and writes nothing", async (given, message) => {
    const out = at("refused.onnx");
    await expect(defendModel({ model: at("model.onnx"), out, ...given })).rejects.toThrow(message);
    expect(await readdir(dir)).not.toContain("refused.onnx");
  });
});

describe("certifying a file", () => {
  const smoothing = { method: "smoothing", sigma: 0.3, n: 400, n0: 40, alpha: 0.001, seed: 1 };

  it("gives a curve, holds it against thresholds, and leaves a run and evidence", async () => {
    const requirements = ["certified_accuracy@l2:0.1 >= 0.5", "clean_accuracy >= 1.0", "certified_accuracy@l2:3 > 0"];
    const report = await certifyModel(
      { ...data(), ...smoothing, model: at("model.onnx"), limit: 20, requirements, out: at("runs") },
      { evidence },
    );
    expect(report.requirements.map(({ met }) => met).at(-1)).toBe(false);
    expect(report.requirements[0]).toMatchObject({ met: true });
    const shares = report.curve.map(({ accuracy }) => accuracy);
    expect(shares).toEqual(shares.toSorted((a, b) => b - a));
    expect((await readdir(report.folder)).sort()).toEqual(["report.html", "result.json"]);
    expect(entries.at(-1)).toMatchObject({ kind: "certificate.made", outcome: "done", detail: { method: "smoothing" } });
    expect(report.replay).toContain("modelkeep certify");
  });

  it("proves with bounds what it proves for the model itself", async () => {
    const ask = { ...data(), ...smoothing, method: "zonotope", threats: ["linf:0.01,0.2"], model: at("model.onnx"), limit: 20 };
    const { curve, rows } = await certifyModel({ ...ask, out: at("runs") });
    expect(curve.map(({ norm, epsilon }) => `${norm}:${epsilon}`)).toEqual(["linf:0", "linf:0.01", "linf:0.2"]);
    expect(rows.some(({ radius }) => radius === 0.2)).toBe(true);
  });
});

describe("hardening a file", () => {
  const ask = () => ({
    data: at("data.csv"),
    target: "y",
    bounds,
    model: at("model.onnx"),
    out: at("hardened.onnx"),
    method: "pgd",
    threat: "linf:0.2",
    params: { steps: 2 },
    recipe: { epochs: 1, seed: 1 },
    check: 30,
  });

  it("holds the short check against thresholds, says that it is an upper bound, and leaves evidence", async () => {
    const requirements = ["robust_accuracy@linf:0.2 >= 0.01", "clean_accuracy > 1.0"];
    const report = await hardenModel({ ...ask(), requirements }, { runs: at("runs"), evidence });
    expect(report.requirements.map(({ met }) => met)).toEqual([true, false]);
    expect(report.requirements[0]!.reason).toContain("an upper bound");
    expect(entries.at(-1)).toMatchObject({ kind: "hardening.made", outcome: "done", subject: { id: "hardened.onnx" } });
    expect(entries.at(-1)!.subject!.digest).toMatch(/^sha256:/);
  });

  it.each(["robust_accuracy@linf:0.3 >= 0.5", "certified_accuracy@l2:0.5 >= 0.5", "robustness > 1"])(
    "refuses the threshold %s",
    async (one) => {
      await expect(hardenModel({ ...ask(), requirements: [one] })).rejects.toMatchObject({ exit: 4 });
    },
  );
});
