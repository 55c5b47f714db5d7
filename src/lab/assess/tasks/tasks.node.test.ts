import { describe, expect, it } from "vitest";
import { createSeeded } from "../../../base/math/index.ts";
import { GraphBuilder, tensorOf } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { openSession } from "../../../model/runtime/index.node.ts";
import { assess, openTaskSubject, parseThreat, tasks } from "../index.ts";
import type { Assessment, TaskSettings, Truth } from "../index.ts";

const rng = createSeeded(11, 0);
const draw = (count: number, low: number, high: number): Float32Array =>
  Float32Array.from({ length: count }, () => low + (high - low) * rng.unit());

/** x·W + c, for which the worst case is known: an error of |e| grows to |e| + ε‖w‖ in the dual norm. */
function linear(inner: number, outer: number): { model: Model; w: Float32Array; answer(x: Float32Array): Float32Array } {
  const w = draw(inner * outer, -1, 1);
  const b = new GraphBuilder();
  const x = b.input("x", "float32", ["N", inner]);
  const y = b.op("MatMul", [x, b.initializer("w", tensorOf("float32", [inner, outer], w))]);
  b.output(y, "float32", ["N", outer]);
  const answer = (rows: Float32Array): Float32Array =>
    Float32Array.from({ length: (rows.length / inner) * outer }, (_, at) => {
      const [row, k] = [Math.floor(at / outer), at % outer];
      return Array.from({ length: inner }, (_one, i) => rows[row * inner + i]! * w[i * outer + k]!).reduce(
        (sum, part) => sum + part,
        0,
      );
    });
  return { model: b.model(), w, answer };
}

async function assessed(
  model: Model,
  given: {
    task: string;
    x: Float32Array;
    truth: Truth;
    settings: TaskSettings;
    threat: string;
    attacks?: "auto" | readonly string[];
  },
): Promise<Assessment> {
  const { task, x, truth, settings, threat, attacks = "auto" } = given;
  const subject = await openTaskSubject(openSession, model, { task: tasks.get(task), settings, truth, name: task });
  try {
    return await assess({
      subject,
      open: openSession,
      x,
      labels: new Int32Array(x.length / subject.target.rowSize),
      threats: [parseThreat(threat)],
      // Wide enough that no bound is in the way of the ball.
      bounds: { low: -10, high: 10 },
      boundsTold: true,
      attacks,
      now: () => performance.now(),
    });
  } finally {
    await subject.target.close();
  }
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

describe("a regression under attack", { timeout: 600_000 }, () => {
  const [inner, size, tolerance] = [6, 40, 1];
  const { model, w, answer } = linear(inner, 1);
  const x = draw(size * inner, -1, 1);
  const errors = draw(size, -1.2, 1.2);
  const data = answer(x).map((value, row) => value - errors[row]!);
  const given = { task: "regression", x, truth: { data, dims: [] }, settings: { tolerance: [tolerance] } };
  const clean = errors.filter((error) => Math.abs(error) <= tolerance).length / size;

  it.for([
    ["linf", (): number => sum(w.map(Math.abs))],
    ["l2", (): number => Math.hypot(...w)],
  ] as const)("is broken exactly where the worst case of a linear model leaves its tolerance: %s", async ([norm, dual]) => {
    const { threats, cleanAccuracy, task, answers } = await assessed(model, {
      ...given,
      threat: `${norm}:0.05,0.1`,
      attacks: ["pgd", "apgd-dlr"],
    });
    expect([task, answers]).toEqual(["regression", ["within", "too high", "too low"]]);
    expect(cleanAccuracy).toBe(clean);
    for (const { epsilon, robustAccuracy, figures } of threats) {
      const worst = [...errors].map((error) => Math.abs(error) + epsilon * dual());
      expect(robustAccuracy).toBe(worst.filter((error) => error <= tolerance).length / size);
      const [figure] = figures!;
      expect(figure!.name).toBe("mean_absolute_error");
      expect(figure!.clean).toBeCloseTo(sum(errors.map(Math.abs)) / size, 4);
      // A climb by signs ends in the corner; for l2 its steps are of finite length.
      expect(figure!.attacked / (sum(worst) / size)).toBeCloseTo(1, norm === "linf" ? 4 : 2);
    }
  });

  it("finds answers too high and too low where the model is exact, and its error has no slope", async () => {
    const exact = { ...given, truth: { data: answer(x), dims: [] }, threat: "linf:0.5" };
    const { threats, audit } = await assessed(model, { ...exact, settings: { tolerance: [0.9 * 0.5 * sum(w.map(Math.abs))] } });
    expect(threats[0]!.robustAccuracy).toBe(0);
    expect(audit.filter(({ status }) => status === "failed")).toEqual([]);
  });

  it("knows scores only, and falls to an attack without gradients", async () => {
    const { threats } = await assessed(model, { ...given, threat: "linf:0.3", attacks: ["square"] });
    const reachable = [...errors].filter(
      (error) => Math.abs(error) <= tolerance && Math.abs(error) + 0.3 * sum(w.map(Math.abs)) > tolerance,
    );
    expect(sum(threats[0]!.worstCasePerSample)).toBeLessThanOrEqual(size * clean - 0.8 * reachable.length);
  });

  it("with several outputs takes the largest error in the tolerance of each, or the length of all", async () => {
    const many = linear(inner, 3);
    const truth = { data: many.answer(x).map((value) => value + 0.1), dims: [3] };
    const norms = [0, 1, 2].map((k) => sum(Array.from({ length: inner }, (_, i) => Math.abs(many.w[i * 3 + k]!))));
    const tolerances = norms.map((norm) => 0.1 + 0.2 * norm * 1.05);
    const held = await assessed(many.model, {
      ...given,
      truth,
      settings: { tolerance: tolerances },
      threat: "linf:0.2,0.22",
      attacks: ["pgd"],
    });
    expect(held.threats.map(({ robustAccuracy }) => robustAccuracy)).toEqual([1, 0]);
    expect(held.answers).toHaveLength(7);
    const length = await assessed(many.model, {
      ...given,
      truth,
      settings: { tolerance: [0.5], distance: "l2" },
      threat: "linf:0.3",
      attacks: ["pgd"],
    });
    expect(length.threats[0]!.robustAccuracy).toBe(0);
    expect(length.threats[0]!.figures![0]!.name).toBe("mean_l2_error");
    expect(length.threats[0]!.figures![0]!.clean).toBeCloseTo(Math.sqrt(3 * 0.01), 4);
  });
});

/** A 1×1 convolution: every pixel is decided by itself. */
function pixelwise(channels: number, classes: number, side: number): { model: Model; w: Float32Array } {
  const w = draw(classes * channels, -1, 1);
  const b = new GraphBuilder();
  const x = b.input("x", "float32", ["N", channels, side, side]);
  const z = b.op("Conv", [x, b.initializer("w", tensorOf("float32", [classes, channels, 1, 1], w))]);
  const y = b.op("Softmax", [z], { axis: 1 });
  b.output(y, "float32", ["N", classes, side, side]);
  return { model: b.model(), w };
}

describe("a segmentation under attack", { timeout: 600_000 }, () => {
  const [channels, classes, side, size] = [3, 4, 5, 12];
  const pixels = side * side;
  const { model, w } = pixelwise(channels, classes, side);
  const x = draw(size * channels * pixels, -1, 1);
  /** Scores of a pixel of a picture. */
  const scores = (picture: number, pixel: number): number[] =>
    Array.from({ length: classes }, (_, k) =>
      sum(Array.from({ length: channels }, (_one, c) => w[k * channels + c]! * x[(picture * channels + c) * pixels + pixel]!)),
    );
  const everywhere = Array.from({ length: size * pixels }, (_, at) => scores(Math.floor(at / pixels), at % pixels));
  // Every tenth pixel is labelled wrongly, every seventh not at all.
  const labels = Float32Array.from(everywhere, (row, at) => {
    const best = row.indexOf(Math.max(...row));
    return at % 7 === 3 ? 255 : at % 10 === 0 ? (best + 1) % classes : best;
  });

  /** Whether changes of ε in each channel turn a pixel: another class's lead grows by ε‖w_k − w_y‖₁. */
  const turned = (at: number, epsilon: number): boolean => {
    const [row, label] = [everywhere[at]!, labels[at]!];
    return row.some((score, k) => {
      const reach = sum(Array.from({ length: channels }, (_, c) => Math.abs(w[k * channels + c]! - w[label * channels + c]!)));
      return k !== label && score - row[label]! + epsilon * reach > 0;
    });
  };
  const share = (picture: number, epsilon: number): number => {
    const places = Array.from({ length: pixels }, (_, p) => picture * pixels + p).filter((at) => labels[at] !== 255);
    return places.filter((at) => !turned(at, epsilon)).length / places.length;
  };

  it("is broken exactly where the worst case of every pixel leaves too few that are right", async () => {
    const given = { task: "segmentation", x, truth: { data: labels, dims: [side, side] }, settings: { hold: 0.6 } };
    const { threats, cleanAccuracy, notes } = await assessed(model, { ...given, threat: "linf:0.05,0.1" });
    const shares = (epsilon: number): number[] => Array.from({ length: size }, (_, picture) => share(picture, epsilon));
    expect(cleanAccuracy).toBe(shares(0).filter((right) => right >= 0.6).length / size);
    for (const { epsilon, robustAccuracy, figures } of threats) {
      expect(robustAccuracy).toBe(shares(epsilon).filter((right) => right >= 0.6).length / size);
      const [accuracy, iou] = figures!;
      expect([accuracy!.name, iou!.name]).toEqual(["mean_pixel_accuracy", "mean_iou"]);
      expect(accuracy!.clean).toBeCloseTo(sum(shares(0)) / size, 5);
      expect(Math.abs(accuracy!.attacked - sum(shares(epsilon)) / size)).toBeLessThan(0.02);
      expect(iou!.attacked).toBeLessThan(iou!.clean);
    }
    expect(notes.join()).toMatch(/not labelled.*cut off/);
  });
});

/** Three boxes at fixed places; how sure each is depends on four numbers of its own. */
function detector(form: "xyxy" | "cxcywh"): { model: Model; w: Float32Array } {
  const w = draw(12, 0.5, 1);
  const apart = Float32Array.from({ length: 36 }, (_, at) =>
    Math.floor(Math.floor(at / 3) / 4) === at % 3 ? w[Math.floor(at / 3)]! : 0,
  );
  const places = [0, 0, 10, 10, 1, 0, 10, 10, 20, 20, 30, 30];
  const centred = [5, 5, 10, 10, 5.5, 5, 9, 10, 25, 25, 10, 10];
  const b = new GraphBuilder();
  const x = b.input("x", "float32", ["N", 12]);
  const sure = b.op("Sigmoid", [b.op("MatMul", [x, b.constant(tensorOf("float32", [12, 3], apart))])]);
  const scores = b.op("Unsqueeze", [sure, b.ints([2])]);
  const nothing = b.op("MatMul", [x, b.constant(tensorOf("float32", [12, 12], new Float32Array(144)))]);
  const at = b.constant(tensorOf("float32", [1, 12], form === "xyxy" ? places : centred));
  const boxes = b.op("Reshape", [b.op("Add", [nothing, at]), b.ints([0, 3, 4])]);
  b.output(boxes, "float32", ["N", 3, 4]);
  b.output(scores, "float32", ["N", 3, 1]);
  return { model: b.model(), w };
}

describe("a detection under attack", { timeout: 600_000 }, () => {
  it.for(["xyxy", "cxcywh"] as const)("loses exactly the objects of which every box can be turned: boxes as %s", async (form) => {
    const { model, w } = detector(form);
    const size = 30;
    const x = draw(size * 12, -0.2, 1);
    // The first object is under two boxes, the second under one; a third row is none.
    const objects = Float32Array.from([0, 0, 0, 10, 10, 0, 20, 20, 30, 30, -1, 0, 0, 0, 0]);
    const truth = { data: Float32Array.from({ length: size * 15 }, (_, at) => objects[at % 15]!), dims: [3, 5] };
    const boxLost = (picture: number, box: number, epsilon: number): boolean =>
      sum([0, 1, 2, 3].map((i) => (x[picture * 12 + box * 4 + i]! - epsilon) * w[box * 4 + i]!)) < 0;
    const found = (picture: number, epsilon: number): number =>
      Number(!(boxLost(picture, 0, epsilon) && boxLost(picture, 1, epsilon))) + Number(!boxLost(picture, 2, epsilon));
    const all = Array.from({ length: size }, (_, picture) => picture);
    const given = { task: "detection", x, truth, settings: { boxes: form } };
    const { threats, cleanAccuracy } = await assessed(model, { ...given, threat: "linf:0.25,0.5", attacks: ["pgd"] });
    expect(cleanAccuracy).toBe(all.filter((picture) => found(picture, 0) === 2).length / size);
    for (const { epsilon, robustAccuracy, figures } of threats) {
      expect(robustAccuracy).toBe(all.filter((picture) => found(picture, epsilon) === 2).length / size);
      expect(figures![0]!.clean).toBeCloseTo(sum(all.map((picture) => found(picture, 0))) / 2 / size, 5);
    }
  });
});

describe("a task", () => {
  const { model } = linear(4, 2);
  const open = (task: string, settings: TaskSettings, truth: Truth) =>
    openTaskSubject(openSession, model, { task: tasks.get(task), settings, truth, name: "m" });
  const pairs = { data: new Float32Array(8), dims: [2] };

  it.for([
    ["regression", {}, pairs, "assess/bad-data", "needs a tolerance"],
    ["regression", { tolerance: [1, 2, 3] }, pairs, "assess/bad-data", "3 tolerances for 2 outputs"],
    [
      "regression",
      { tolerance: [1] },
      { data: new Float32Array(4), dims: [] },
      "assess/bad-data",
      "1 true value, the model gives 2",
    ],
    ["regression", { tolerance: [1] }, { data: Float32Array.of(0, NaN), dims: [2] }, "assess/bad-data", "not a finite number"],
    ["detection", {}, pairs, "assess/unsupported-task", "which of its outputs are meant"],
    ["segmentation", {}, pairs, "assess/unsupported-task", "segmentation takes one output of scores for each pixel"],
  ] as const)("says what is missing: %s %j", async ([task, settings, truth, code, message]) => {
    await expect(open(task, settings, truth)).rejects.toMatchObject({
      code,
      exit: 4,
      message: expect.stringContaining(message) as string,
    });
  });
});
