import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tensorOf, toBigInts, toNumbers, type ModelContract, type Tensor, type TensorSpec } from "../../../model/onnx/index.ts";
import { refusalOf } from "../../../../test/helpers/requests.ts";
import { planRelease } from "./plan.ts";
import { fullRelease, releaseConfig, releaseFor, strictest, type Release } from "./rule.ts";

const scores: TensorSpec = { name: "p", type: "float32", dims: ["batch", 4] };
const label: TensorSpec = { name: "label", type: "int64", dims: ["batch"] };
const embedding: TensorSpec = { name: "embedding", type: "float32", dims: ["batch", 8, 8] };
const contractOf = (...outputs: TensorSpec[]): ModelContract => ({ inputs: [], outputs, batch: "dynamic", maxBatch: 256 });

const rows = [
  [0.125, 0.5, 0.3125, 0.0625],
  [0.25, 0.25, 0.25, 0.25],
  [NaN, 0.75, -Infinity, 1],
];
const computed = {
  p: tensorOf("float32", [3, 4], rows.flat()),
  label: tensorOf("int64", [3], [1, 0, 3]),
  embedding: tensorOf("float32", [3, 8, 8], new Float32Array(192)),
};

const release = (rule: object): Release => releaseFor(releaseConfig.parse([rule]), { model: "m", roles: [] });
const apply = (rule: object, ...outputs: TensorSpec[]) => planRelease(contractOf(...outputs), release(rule)).apply(computed);

const anyRelease: fc.Arbitrary<Release> = fc
  .record({
    scores: fc.oneof(fc.constantFrom("full", "label"), fc.record({ top: fc.integer({ min: 1, max: 6 }) })),
    digits: fc.option(fc.nat({ max: 6 }), { nil: undefined }),
    hide: fc.subarray(["p", "label", "embedding", "x"]),
  })
  .map(({ digits, ...rule }) => release({ ...rule, ...(digits !== undefined && { digits }) }));

describe("release of scores", () => {
  it("lets everything out as it was computed when no rule applies", () => {
    const plan = planRelease(contractOf(scores, label, embedding), fullRelease);
    const answer = plan.apply(computed);
    expect(plan.outputs).toEqual([scores, label, embedding]);
    for (const name of ["p", "label", "embedding"] as const) expect(answer[name]).toBe(computed[name]);
  });

  it("keeps the k highest of each row with their indices; ties in their order, NaN last", () => {
    const answer = apply({ scores: { top: 3 } }, scores);
    expect(Object.keys(answer)).toEqual(["p", "p_indices"]);
    expect(answer["p"]!.dims).toEqual([3, 3]);
    expect(toNumbers(answer["p"]!)).toEqual([0.5, 0.3125, 0.125, 0.25, 0.25, 0.25, 1, 0.75, -Infinity]);
    expect(toBigInts(answer["p_indices"]!).map(Number)).toEqual([1, 2, 0, 0, 1, 2, 3, 1, 2]);
  });

  it("hides whole numbers with a row for each example, which may be a quantised model's scores, and keeps a label", () => {
    const quantised: TensorSpec = { name: "q", type: "uint8", dims: ["batch", 4] };
    for (const kept of ["label", { top: 2 }]) {
      const plan = planRelease(contractOf(scores, quantised, label), release({ scores: kept }));
      expect(plan.outputs.map(({ name }) => name)).not.toContain("q");
      expect(plan.outputs.map(({ name }) => name)).toContain("label");
    }
    expect(planRelease(contractOf(quantised), fullRelease).outputs).toEqual([quantised]);
  });

  it("keeps all scores of a row that has fewer than k", () => {
    const plan = planRelease(contractOf(scores), release({ scores: { top: 9 } }));
    expect(plan.outputs.map(({ name, type, dims }) => [name, type, dims])).toEqual([
      ["p", "float32", ["batch", 4]],
      ["p_indices", "int64", ["batch", 4]],
    ]);
    expect(plan.apply(computed)["p"]!.dims).toEqual([3, 4]);
  });

  it("answers the label alone as INT64 under the output's own name, without the axis of scores", () => {
    const plan = planRelease(contractOf(scores), release({ scores: "label" }));
    expect(plan.outputs).toEqual([{ name: "p", type: "int64", dims: ["batch"] }]);
    const { p } = plan.apply(computed);
    expect([p!.type, p!.dims, toBigInts(p!).map(Number)]).toEqual(["int64", [3], [1, 0, 3]]);
  });

  it("rounds floats, takes labels from the unrounded ones, and leaves integers alone", () => {
    expect(toNumbers(apply({ digits: 1 }, scores)["p"]!)).toEqual(
      [0.1, 0.5, 0.3, 0.1, 0.3, 0.3, 0.3, 0.3, NaN, 0.8, -Infinity, 1].map(Math.fround),
    );
    expect(toNumbers(apply({ digits: 0 }, embedding)["embedding"]!)).toEqual(Array.from({ length: 192 }, () => 0));
    expect(apply({ digits: 0 }, label)["label"]).toBe(computed.label);
    expect(toBigInts(apply({ digits: 0, scores: "label" }, scores)["p"]!).map(Number)).toEqual([1, 0, 3]);
  });

  it.for(["float16", "bfloat16", "float32", "float64"] as const)("works on %s", (type) => {
    const spec: TensorSpec = { ...scores, type };
    const tensor = tensorOf(type, [1, 4], [0.1, 0.7, 0.05, 0.15]);
    const plan = planRelease(contractOf(spec), release({ scores: { top: 2 }, digits: 1 }));
    const answer = plan.apply({ p: tensor });
    expect(answer["p"]!.type).toBe(type);
    expect(toNumbers(answer["p"]!)).toEqual(toNumbers(tensorOf(type, [2], [0.7, 0.2])));
    expect(toBigInts(answer["p_indices"]!)).toEqual([1n, 3n]);
  });

  it("hides outputs by name, and under top scores or labels also floats that are no scores", () => {
    expect(Object.keys(apply({ hide: ["p"] }, scores, label, embedding))).toEqual(["label", "embedding"]);
    expect(Object.keys(apply({ scores: { top: 1 } }, scores, label, embedding))).toEqual(["p", "p_indices", "label"]);
    expect(Object.keys(apply({ scores: "label" }, scores, label, embedding))).toEqual(["p", "label"]);
  });

  it("takes one row of scores for scores when the model has no batch", () => {
    const contract: ModelContract = { ...contractOf({ ...scores, dims: [4] }), batch: "none" };
    const plan = planRelease(contract, release({ scores: "label" }));
    expect(plan.outputs).toEqual([{ name: "p", type: "int64", dims: [] }]);
    expect(toBigInts(plan.apply({ p: tensorOf("float32", [4], [0, 1, 3, 2]) })["p"]!)).toEqual([2n]);
  });

  it("refuses to serve a model of which nothing may leave, rather than let out what no rule meant to", () => {
    const regression: TensorSpec = { name: "p", type: "float32", dims: ["batch", 1] };
    for (const plan of [
      () => apply({ scores: "label" }, regression),
      () => apply({ scores: { top: 1 } }, embedding),
      () => apply({ hide: ["p"] }, scores),
    ]) {
      expect(refusalOf(plan)).toMatchObject({ code: "gateway/nothing-released", status: 403 });
    }
  });

  it("refuses a rule whose name for indices is taken", () => {
    const taken: TensorSpec = { name: "p_indices", type: "int64", dims: ["batch"] };
    expect(refusalOf(() => apply({ scores: { top: 1 } }, scores, taken)).code).toBe("gateway/bad-release");
    expect(Object.keys(apply({ scores: { top: 1 }, hide: ["p_indices"] }, scores, taken))).toEqual(["p", "p_indices"]);
  });

  it("asks the model only for what the answer needs", () => {
    const plan = planRelease(contractOf(scores, label, embedding), release({ scores: { top: 1 } }));
    expect(plan.modelOutputs(["p_indices"])).toEqual(["p"]);
    expect(plan.modelOutputs(["label", "p"])).toEqual(["p", "label"]);
    expect(Object.keys(plan.apply({ label: computed.label }))).toEqual(["label"]);
  });

  it("says in its specs what its tensors are", () => {
    fc.assert(
      fc.property(anyRelease, (release) => {
        const { outputs, apply } = planOrNothing(release);
        const answer = apply(computed);
        expect(Object.keys(answer)).toEqual(outputs.map(({ name }) => name));
        for (const { name, type, dims } of outputs) {
          expect(answer[name]!.type).toBe(type);
          expect(answer[name]!.dims).toEqual(dims.map((dim) => (dim === "batch" ? 3 : dim)));
        }
      }),
    );
  });
});

/** An empty plan where {@link planRelease} refuses. */
function planOrNothing(release: Release) {
  try {
    return planRelease(contractOf(scores, label, embedding), release);
  } catch {
    return { outputs: [], apply: () => ({}) as Record<string, Tensor> };
  }
}

describe("release rules", () => {
  const rules = releaseConfig.parse([
    { roles: ["caller"], scores: { top: 5 } },
    { roles: ["guest", "trial"], scores: "label" },
    { models: ["faces"], hide: ["embedding"], digits: 3 },
    { models: ["faces"], roles: ["caller"], digits: 2, scores: { top: 3 } },
  ]);

  it("apply by role and model, and the strictest wins in every respect", () => {
    const pick = (model: string, ...roles: string[]) => {
      const { top, digits, hide } = releaseFor(rules, { model, roles });
      return { top, digits, hide };
    };
    expect(pick("digits", "admin")).toEqual({ top: Infinity, digits: Infinity, hide: [] });
    expect(pick("digits", "caller")).toEqual({ top: 5, digits: Infinity, hide: [] });
    expect(pick("faces", "caller")).toEqual({ top: 3, digits: 2, hide: ["embedding"] });
    expect(pick("faces", "admin", "trial", "caller")).toEqual({ top: 0, digits: 2, hide: ["embedding"] });
    expect(releaseFor([], { model: "m", roles: [] })).toBe(fullRelease);
  });

  it("compose to one result in whatever order they stand", () => {
    fc.assert(
      fc.property(anyRelease, anyRelease, anyRelease, (a, b, c) => {
        expect(strictest(a, b)).toEqual(strictest(b, a));
        expect(strictest(strictest(a, b), c)).toEqual(strictest(a, strictest(b, c)));
        expect(strictest(a, a)).toEqual(a);
        expect(strictest(a, fullRelease)).toEqual(a);
      }),
    );
  });

  it("never let out more for having one more rule", () => {
    fc.assert(
      fc.property(anyRelease, anyRelease, (a, b) => {
        const both = strictest(a, b);
        for (const one of [a, b]) {
          expect(both.top).toBeLessThanOrEqual(one.top);
          expect(both.digits).toBeLessThanOrEqual(one.digits);
          expect(both.hide).toEqual(expect.arrayContaining([...one.hide]));
        }
        const laxer = planOrNothing(a).apply(computed);
        const stricter = planOrNothing(both).apply(computed);
        for (const [name, tensor] of Object.entries(stricter)) {
          if (name === "p_indices") continue; // goes with `p`
          const [more, less] = [laxer[name]!, tensor].map((released) => toNumbers(released));
          expect(less!.length).toBeLessThanOrEqual(more!.length);
          // Labels and scores are not counted in the same units.
          if (tensor.type === laxer[name]!.type) expect(new Set(less).size).toBeLessThanOrEqual(new Set(more).size);
        }
      }),
    );
  });

  it("let a stricter answer be computed from a laxer one, so that it tells nothing new", () => {
    const anyScores = fc.array(fc.constantFrom(0, 0.1, 0.2, 0.25, 0.5, 0.9), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(anyRelease, anyRelease, anyScores, anyScores, (a, b, x, y) => {
        // Two things are computed from the model's own scores and not from the laxer answer: rounding to fewer digits, and ranks
        // of scores that were only rounded.
        const laxer = withKey({ ...a, hide: [], digits: a.top === Infinity ? Infinity : b.digits });
        const both = withKey({ ...strictest(laxer, b), hide: [], digits: laxer.digits });
        if (out(laxer, x) === out(laxer, y)) expect(out(both, x)).toBe(out(both, y));
      }),
      { numRuns: 2000 },
    );
  });

  it.for([
    { scores: { top: 0 } },
    { scores: { top: 101 } },
    { scores: "none" },
    { digits: -1 },
    { digits: 16 },
    { digits: 1.5 },
    { role: ["x"] },
    { roles: [] },
  ])("are refused in the configuration when they are %j", (rule) => {
    expect(releaseConfig.safeParse([rule]).success).toBe(false);
  });
});

function withKey(release: Release): Release {
  return { ...release, key: JSON.stringify([release.top, release.digits, release.hide].map(String)) };
}

function out(release: Release, values: readonly number[]): string {
  const answer = planRelease(contract, release).apply({ p: tensorOf("float32", [1, 4], values) });
  return JSON.stringify(Object.entries(answer).map(([name, { dims, data }]) => [name, dims, Array.from(data)]));
}

const contract = contractOf(scores);
