import { z } from "zod";
import type { Seeded } from "../../../../base/math/index.ts";
import { bestPlaces, cellsOf, imageOf, lossGraph } from "../../../attack/index.ts";
import { makeTensor, tensorOf, toFloat } from "../../../../model/onnx/index.ts";
import type { Tensor } from "../../../../model/onnx/index.ts";
import type { ResidentModel } from "../../../../model/runtime/index.ts";
import type { StepContext, TrainBatch } from "../../../../model/train/index.ts";
import { defineHardening } from "../define.ts";
import type { Classifier, HardenThreat } from "../define.ts";
import { innerNames, writeInner } from "../inner.ts";

/**
 * Training against stickers and noise at once: in each picture a rectangle in a random place may become anything, the rest moves within the
 * radius, and projected gradient descent looks for the worst of both (Wu et al. 2020, arXiv:1909.09552, section 4). Places are
 * drawn, or (`where: "steepest"`) are where the loss rises most, of the best three one by chance: an attacker chooses as well. With
 * `content: "grey"` rectangles hide what is under them: the model learns to do without any part of a picture, as a vote over masks needs it
 * (Xiang et al. 2022, arXiv:2108.09135, section 4.4).
 */
export const patchTraining = defineHardening({
  id: "patch",
  title: "adversarial training against a patch, and noise of the radius around it",
  norms: ["linf"],
  params: z.strictObject({
    area: z.number().positive().max(1).default(0.03).describe("the patch's part of the picture"),
    share: z.number().min(0).max(1).default(0.75).describe("of the examples that carry a patch; the others carry noise alone"),
    steps: z.int().positive().default(7),
    content: z.enum(["worst", "grey"]).default("worst").describe("worst: what the search finds; grey: the middle of the range"),
    where: z.enum(["random", "steepest"]).default("random").describe("steepest costs one gradient more"),
    count: z.int().positive().default(1).describe("how many patches a picture has at most"),
  }),
  recipe: { optimizer: "adam", lr: 2e-3, schedule: "one-cycle", batch: 128, epochs: 20 },
  references: ["doi:10.48550/arXiv.1909.09552", "doi:10.48550/arXiv.2108.09135"],

  hooks({ classifier, threat, params, radius }) {
    const attack = writeInner({ ...classifier, ...threat, loss: "cross-entropy", perNumber: true });
    const steepness = params.where === "steepest" ? createSteepness(classifier, threat) : undefined;
    let opened: Promise<ResidentModel> | undefined;
    return {
      async perturb(batch, context) {
        opened ??= context.open(attack.model);
        const origin = batch.inputs[classifier.input]!;
        const given = { origin: toFloat(origin), rowDims: classifier.rowDims, threat, params };
        const gain = await steepness?.(batch, context);
        const plan = drawPlan({ ...given, gain, epsilon: radius(context.step) }, context.rng);
        const feed = (values: Float32Array): Tensor => makeTensor("float32", origin.dims, new Uint8Array(values.buffer));
        const model = await opened;
        const answer = await model.run({
          [innerNames.origin]: feed(plan.origin),
          [innerNames.start]: feed(plan.start),
          [innerNames.steps]: tensorOf("int64", [], [params.steps]),
          [innerNames.step]: feed(plan.step),
          [innerNames.epsilon]: feed(plan.epsilon),
          ...(attack.labels === undefined ? {} : { [attack.labels]: batch.labels }),
        });
        return { ...batch, inputs: { ...batch.inputs, [classifier.input]: answer[innerNames.found]! } };
      },
    };
  },
});

/** How much the loss rises, to first order, when each number goes as far uphill as it can. */
function createSteepness({ model, input, logits, classes }: Classifier, { low, high }: HardenThreat) {
  const graph = lossGraph("cross-entropy", { model, input, logits, classes });
  let opened: Promise<ResidentModel> | undefined;
  return async ({ inputs, labels }: TrainBatch, context: StepContext): Promise<Float32Array> => {
    opened ??= context.open(graph.model);
    const origin = inputs[input]!;
    const session = await opened;
    const answer = await session.run({
      [graph.input]: origin,
      ...(graph.labels === undefined ? {} : { [graph.labels]: labels }),
    });
    const values = toFloat(origin);
    return toFloat(answer[graph.gradient]!).map((slope, i) => slope * ((slope > 0 ? high : low) - values[i]!));
  };
}

interface Draw {
  readonly origin: Float32Array;
  /** Where patches are best put; they are put anywhere without it. */
  readonly gain: Float32Array | undefined;
  readonly rowDims: readonly number[];
  readonly threat: HardenThreat;
  readonly params: {
    readonly area: number;
    readonly share: number;
    readonly steps: number;
    readonly content: "worst" | "grey";
    readonly count: number;
  };
  readonly epsilon: number;
}

/** For each number how far it may go, how far in one step, and where the search begins; what a grey patch hides is gone from the origin. */
function drawPlan({ origin: given, gain, rowDims, threat, params, epsilon: noise }: Draw, rng: Seeded) {
  const { low, high } = threat;
  const grey = params.content === "grey";
  const rowSize = rowDims.reduce((a, b) => a * b, 1);
  const origin = given.slice();
  const epsilon = new Float32Array(origin.length).fill(noise);
  for (let at = 0; at < origin.length; at += rowSize) {
    if (rng.unit() >= params.share) continue;
    const patches = params.count === 1 ? 1 : 1 + rng.below(params.count);
    for (let patch = 0; patch < patches; patch++) {
      for (const i of rectangle({ rowDims, area: params.area, gain: gain?.subarray(at, at + rowSize) }, rng)) {
        epsilon[at + i] = grey ? 0 : high - low;
        if (grey) origin[at + i] = (low + high) / 2;
      }
    }
  }
  const start = origin.map((value, i) => Math.min(high, Math.max(low, value + (2 * rng.unit() - 1) * epsilon[i]!)));
  return { origin, epsilon, start, step: epsilon.map((own) => (2.5 * own) / params.steps) };
}

interface Rectangle {
  readonly rowDims: readonly number[];
  readonly area: number;
  readonly gain: Float32Array | undefined;
}

/** The numbers of a window of this area, up to twice as wide as high or the other way round; in all channels. */
function rectangle({ rowDims, area, gain }: Rectangle, rng: Seeded): readonly number[] {
  const image = imageOf(rowDims);
  const { width, height } = image;
  const side = Math.sqrt(area * width * height * 2 ** (2 * rng.unit() - 1));
  const rows = Math.min(height, Math.max(1, Math.round(side)));
  const columns = Math.min(width, Math.max(1, Math.round((area * width * height) / side)));
  const window = { height: rows, width: columns };
  if (gain === undefined) {
    const [top, left] = [rng.below(height - rows + 1), rng.below(width - columns + 1)];
    return cellsOf({ ...window, corner: top * width + left }, image);
  }
  const places = bestPlaces(gain, { image, windows: [window], count: 3, fixed: undefined });
  return cellsOf(places[rng.below(places.length)]!, image);
}
