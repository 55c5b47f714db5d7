/** Models that hide nothing, whatever they look like, each with data of its own. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createSeeded } from "../../../src/base/math/index.ts";
import { openTargetWith } from "../../../src/lab/attack/index.ts";
import { readModel, tensorOf } from "../../../src/model/onnx/index.ts";
import type { Model } from "../../../src/model/onnx/index.ts";
import { openSession } from "../../../src/model/runtime/index.node.ts";
import { before, behind, blur, digitNet, scalar, times } from "./graft.ts";

/** Examples with their labels. */
export interface Labelled {
  readonly x: Float32Array;
  readonly labels: Int32Array;
}

export interface Honest {
  readonly name: string;
  readonly model: () => Model;
  /** Its data; the digits where it says none. */
  readonly data?: (model: Model) => Promise<Labelled>;
  /** The class of a digit, where it is not the digit. */
  readonly labelOf?: (digit: number) => number;
  /** The radii; of data in 0 … 1. */
  readonly threat?: string;
  /** What the audit may say: limits of what is known, no suspicion. */
  readonly limits?: readonly string[];
}

const root = join(import.meta.dirname, "../../..");
const file = (path: string) => (): Model => readModel(new Uint8Array(readFileSync(join(root, path))));

/** Even noise, labelled by the model itself: how a net without training says what it hides. */
const ownLabels =
  (count: number) =>
  async (model: Model): Promise<Labelled> => {
    const target = await openTargetWith(openSession, model);
    const rng = createSeeded(11, 2);
    const x = Float32Array.from({ length: count * target.rowSize }, () => rng.unit());
    try {
      return { x, labels: await target.decide({ x, count }) };
    } finally {
      await target.close();
    }
  };

async function signs(): Promise<Labelled> {
  const render = (await import(join(root, "examples/stop-sign/render.mjs"))) as {
    renderSet(of: { part: string; each: number }): { x: Float32Array; y: ArrayLike<number> };
  };
  const { x, y } = render.renderSet({ part: "test", each: 3 });
  return { x: Float32Array.from(x), labels: Int32Array.from(y) };
}

async function wines(): Promise<Labelled> {
  const [, ...lines] = readFileSync(join(root, "test/fixtures/models/sk_forest_wine.csv"), "utf8").trim().split("\n");
  const rows = lines.map((line) => line.split(",").map(Number));
  return {
    x: Float32Array.from(rows.flatMap((row) => row.slice(0, -1)).map((value) => Math.min(1, Math.max(0, value)))),
    labels: Int32Array.from(rows, (row) => row.at(-1)!),
  };
}

/** Whether a digit is five or more: two classes in one number. */
const halves = (end: "Sigmoid" | undefined) => (): Model =>
  behind(
    (b, z) => {
      const weights = Float32Array.from({ length: 10 }, (_, digit) => (digit < 5 ? -1 : 1));
      const score = b.op("MatMul", [z, b.constant(tensorOf("float32", [10, 1], weights))]);
      return end === undefined ? score : b.op(end, [score]);
    },
    digitNet(),
    1,
  );

/** The digit net and what is grafted onto it. */
export const honestDigits: readonly Honest[] = [
  { name: "the digit model as it is", model: digitNet },
  { name: "with a Softmax at its end", model: () => behind((b, z) => b.op("Softmax", [z], { axis: 1 })) },
  { name: "a linear model", model: file("test/fixtures/models/mnist_logreg.onnx") },
  { name: "with a blur in front", model: () => before(blur) },
  {
    name: "with normalisation inside",
    model: () => before((b, x) => b.op("Div", [b.op("Sub", [x, scalar(b, 0.13)]), scalar(b, 0.3)])),
  },
  { name: "with half-sized logits", model: () => behind((b, z) => times(b, z, 0.5)) },
  { name: "with logits that a bias moves", model: () => behind((b, z) => b.op("Add", [z, scalar(b, 3)])) },
  { name: "with a clipped input", model: () => before((b, x) => b.op("Clip", [x, scalar(b, 0), scalar(b, 1)])) },
];

/** Other nets, on other data. */
export const honestOthers: readonly Honest[] = [
  {
    name: "signs: convolutions and batch norm",
    model: file("examples/stop-sign/signs.onnx"),
    data: signs,
    threat: "linf:1/255,8/255",
  },
  { name: "signs, hardened", model: file("examples/stop-sign/hardened.onnx"), data: signs, threat: "linf:1/255,8/255" },
  { name: "digits, hardened", model: file("examples/digits-hardened/digits-hardened.onnx"), threat: "linf:0.1" },
  { name: "an MLP", model: file("test/fixtures/gradients/mlp-script/model.onnx"), data: ownLabels(48), threat: "linf:0.01,0.1" },
  {
    name: "depthwise convolutions and hard swish",
    model: file("test/fixtures/gradients/mobile-script/model.onnx"),
    data: ownLabels(32),
    threat: "linf:0.01,0.1",
  },
  {
    name: "a transformer",
    model: file("test/fixtures/gradients/vit-script/model.onnx"),
    data: ownLabels(32),
    threat: "linf:0.01,0.1",
  },
  {
    name: "two classes behind a sigmoid",
    model: halves("Sigmoid"),
    labelOf: (digit) => (digit < 5 ? 0 : 1),
    threat: "linf:0.02,0.1",
  },
  {
    // Nothing is said against it; without a gradient nothing can be said for it either.
    name: "a forest",
    model: file("test/fixtures/models/sk_forest_wine.onnx"),
    data: wines,
    threat: "linf:0.05,0.2",
    limits: ["attacks-run", "adaptive-attack", "broken-gradients"],
  },
];
