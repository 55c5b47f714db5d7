/**
 * Zimmermann et al. 2022 (arXiv:2206.13991): an attack that is worth its name finds an adversarial region that is known to be there. The last
 * layer of the model is exchanged, for each example, for one that tells a point at the edge of the ball from many points inside; the
 * features, and whatever is wrong with their gradients, stay. Eleven of thirteen published evaluations failed this test.
 */
import { createSeeded } from "../../../base/math/index.ts";
import { expose, tensorOf, writeModel } from "../../../model/onnx/index.ts";
import type { Model, Tensor } from "../../../model/onnx/index.ts";
import { attacks, openTargetWith, runAttack, runRows } from "../../attack/index.ts";
import type { AttackTarget, Norm, OpenSession, Room, TargetOptions } from "../../attack/index.ts";
import type { ActiveTest, TrialOptions } from "../trials.ts";
import { layerNames, withPlantedLayer } from "./features.ts";
import type { Features } from "./features.ts";
import { corners, pointsAround } from "./points.ts";
import { separate } from "./separate.ts";
import type { Layer } from "./separate.ts";

/** Points inside the ball that the new last layer calls harmless, and random ones that must not find what is planted. */
const [innerPoints, randomPoints] = [96, 64];

/** What a planted model is told beside its examples. */
export type Told = NonNullable<TargetOptions["told"]>;

export interface ActiveOptions extends TrialOptions {
  readonly open: OpenSession;
  readonly room: Room;
  readonly features: Features;
  /** The target whose gradients are tested, given a model with another last layer. */
  readonly viewOf?: ((truth: AttackTarget, model: Model, told: Told) => Promise<AttackTarget>) | undefined;
}

interface Line {
  readonly norm: Norm;
  readonly epsilon: number;
}

/** Plants one adversarial region beside each example and lets the attack look for it. */
export async function runActiveTest(options: ActiveOptions, line: Line): Promise<ActiveTest> {
  const { target, x, labels, seed, room } = options;
  const around = { ...line, room, rng: createSeeded(seed, 91) };
  const inside = await openFeatures(options);
  let ground: Ground | undefined;
  let [planted, found, byChance] = [0, 0, 0];
  try {
    for (let example = 0; example < labels.length; example++) {
      options.signal?.throwIfAborted();
      const origin = x.slice(example * target.rowSize, (example + 1) * target.rowSize);
      const points = pointsAround(origin, innerPoints, around);
      const layer = separate(await inside.features(points, innerPoints + 1), innerPoints + 1);
      if (layer === undefined) continue;
      planted++;
      ground ??= await openGround(options, layer.weights.length);
      ground.plant(layer);
      if (await attackFinds(ground.guide, { options, origin, line })) found++;
      const tries = corners(origin, randomPoints, { ...around, rng: createSeeded(seed, 92) });
      if ((await ground.truth.decide({ x: tries, count: randomPoints })).includes(1)) byChance++;
    }
  } finally {
    await Promise.all([inside.close(), ground?.close()]);
  }
  return { ...line, planted, found, byChance };
}

/** The model's features of many points. */
async function openFeatures({
  open,
  features,
  target,
}: ActiveOptions): Promise<{ features(x: Float32Array, count: number): Promise<Float32Array>; close(): Promise<void> }> {
  const session = await open(writeModel(expose(features.model, [features.value])), { threads: 1 });
  const [input] = session.inputs;
  const [batch] = input!.dims;
  const limits = { maxRows: innerPoints + 1, fixedRows: typeof batch === "number" ? batch : undefined };
  return {
    async features(x, count) {
      const rows = [{ name: input!.name, data: x, dims: target.rowDims }];
      const [values] = await runRows(session, rows, [features.value], { ...limits, count });
      return values!;
    },
    close: () => session.close(),
  };
}

/** One model for what is planted beside one example after another. */
interface Ground {
  readonly truth: AttackTarget;
  readonly guide: AttackTarget;
  plant(layer: Layer): void;
  close(): Promise<void>;
}

async function openGround({ open, features, viewOf, target }: ActiveOptions, width: number): Promise<Ground> {
  const model = withPlantedLayer(features, width);
  let now: Record<string, Tensor> = layerTensors({ weights: new Float64Array(width), bias: 0 });
  const told: Told = () => now;
  const truth = await openTargetWith(open, model, { told, rowDims: target.rowDims });
  const view = await viewOf?.(truth, model, told);
  const guide = view?.whiteBox === undefined ? truth : view;
  return {
    truth,
    guide,
    plant: (layer) => void (now = layerTensors(layer)),
    async close() {
      await Promise.all([truth.close(), view?.close()]);
    },
  };
}

const layerTensors = ({ weights, bias }: Layer): Record<string, Tensor> => ({
  [layerNames.weights]: tensorOf("float32", [weights.length, 1], [...weights]),
  [layerNames.bias]: tensorOf("float32", [1], [bias]),
});

async function attackFinds(
  target: AttackTarget,
  { options, origin, line }: { readonly options: ActiveOptions; readonly origin: Float32Array; readonly line: Line },
): Promise<boolean> {
  const { bounds, seed, signal } = options;
  const result = await runAttack(attacks.get("pgd"), {
    target,
    x: origin,
    labels: Int32Array.of(0),
    threat: { norm: line.norm, epsilons: [line.epsilon], bounds },
    params: { steps: 60, restarts: 2, loss: "margin" },
    seed,
    ...(signal === undefined ? {} : { signal }),
  });
  return result.clean[0] === 1 && result.perEpsilon[0]!.success[0] === 1;
}
