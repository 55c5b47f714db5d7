/**
 * Zimmermann et al. 2022 (arXiv:2206.13991): an attack that is worth its name finds an adversarial region that is known to be there. The last
 * layer of the model is exchanged, for each example, for one that tells a point at the edge of the ball from many points inside; the
 * features, and whatever is wrong with their gradients, stay. Eleven of thirteen published evaluations failed this test.
 */
import { createSeeded } from "../../base/math/index.ts";
import type { Seeded } from "../../base/math/index.ts";
import { expose, GraphBuilder, indexOf, tensorOf, toFloat } from "../../model/onnx/index.ts";
import type { Model, Node } from "../../model/onnx/index.ts";
import { attacks, openTargetWith, project, runAttack } from "../attack/index.ts";
import type { AttackTarget, Norm, OpenSession, Room } from "../attack/index.ts";
import type { ActiveTest, TrialOptions } from "./trials.ts";

/** Points inside the ball that the new last layer calls harmless. */
const innerPoints = 96;

/** Where the test cuts: the value that the last linear layer reads. */
export interface Features {
  readonly model: Model;
  readonly value: string;
}

/** The features before the last linear layer of a model that gives logits; undefined when it has none. */
export function featuresOf(model: Model, logits: string): Features | undefined {
  const index = indexOf(model.graph);
  const passes = new Set(["Identity", "Mul", "Div", "Add", "Sub", "Concat"]);
  const stored = (value: string): boolean => model.graph.initializers.has(value) || index.producer(value)?.op === "Constant";
  let node: Node | undefined = index.producer(logits);
  for (let depth = 0; node !== undefined && depth < 8; depth++) {
    if (node.op === "Gemm" || node.op === "MatMul")
      return stored(node.inputs[1] ?? "") ? { model, value: node.inputs[0]! } : undefined;
    if (!passes.has(node.op)) return undefined;
    const moving: string | undefined = node.inputs.find((value) => !stored(value));
    node = moving === undefined ? undefined : index.producer(moving);
  }
  return undefined;
}

export interface ActiveOptions extends TrialOptions {
  readonly open: OpenSession;
  readonly room: Room;
  readonly features: Features;
  /** The target whose gradients are tested, given a model with another last layer. */
  readonly viewOf?: ((truth: AttackTarget, model: Model) => Promise<AttackTarget>) | undefined;
}

/** Plants one adversarial region beside each example and lets the attack look for it. */
export async function runActiveTest(
  options: ActiveOptions,
  line: { readonly norm: Norm; readonly epsilon: number },
): Promise<ActiveTest> {
  const { target, x, labels, seed } = options;
  const rng = createSeeded(seed, 91);
  const inside = await openFeatures(options);
  let [planted, found, byChance] = [0, 0, 0];
  try {
    for (let example = 0; example < labels.length; example++) {
      options.signal?.throwIfAborted();
      const origin = x.subarray(example * target.rowSize, (example + 1) * target.rowSize);
      const points = pointsAround(origin, { ...line, room: options.room, rng });
      const layer = separate(await inside.features(points, innerPoints + 1), innerPoints + 1);
      if (layer === undefined) continue;
      planted++;
      const outcome = await attackPlanted(options, { origin, layer, ...line });
      if (outcome.found) found++;
      if (outcome.byChance) byChance++;
    }
  } finally {
    await inside.close();
  }
  return { ...line, planted, found, byChance };
}

/** The model's features of many points. */
async function openFeatures({
  open,
  features,
  target,
}: ActiveOptions): Promise<{ features(x: Float32Array, count: number): Promise<Float32Array>; close(): Promise<void> }> {
  const { writeModel } = await import("../../model/onnx/index.ts");
  const model = expose(features.model, [features.value]);
  const session = await open(writeModel(model), { threads: 1 });
  const input = session.inputs[0]!.name;
  return {
    async features(x, count) {
      const data = new Uint8Array(x.buffer, x.byteOffset, count * target.rowSize * 4);
      const answer = await session.run(
        { [input]: { type: "float32", dims: [count, ...target.rowDims], data } },
        { outputs: [features.value] },
      );
      return toFloat(answer[features.value]!);
    },
    close: () => session.close(),
  };
}

/** Points inside the ball, at most half way to its edge, and one at the edge. */
function pointsAround(
  origin: Float32Array,
  { norm, epsilon, room, rng }: { norm: Norm; epsilon: number; room: Room; rng: Seeded },
): Float32Array {
  const width = origin.length;
  const points = new Float32Array((innerPoints + 1) * width);
  for (let point = 0; point <= innerPoints; point++) {
    const edge = point === innerPoints;
    const radius = edge ? epsilon : (epsilon / 2) * Math.sqrt(rng.unit());
    const at = point * width;
    for (let i = 0; i < width; i++) points[at + i] = origin[i]! + direction(norm, { radius, width, edge, rng });
    project(room, points, origin, { x: at, origin: 0, epsilon: radius });
  }
  return points;
}

function direction(
  norm: Norm,
  { radius, width, edge, rng }: { radius: number; width: number; edge: boolean; rng: Seeded },
): number {
  // At the edge of a cube its corners; of other balls a dense random direction, which the projection brings back.
  if (norm === "linf") return edge ? (rng.unit() < 0.5 ? -radius : radius) : radius * (2 * rng.unit() - 1);
  return ((rng.unit() + rng.unit() + rng.unit() - 1.5) * 2 * radius) / Math.sqrt(norm === "l2" ? width / 4 : 1);
}

interface Layer {
  readonly weights: Float64Array;
  readonly bias: number;
}

/**
 * A linear layer that is above 0 at the last point only: ridge regression in its dual form (as many unknowns as points). Undefined when the
 * features do not tell the points apart.
 */
function separate(features: Float32Array, count: number): Layer | undefined {
  const width = features.length / count;
  const mean = new Float64Array(width);
  for (let point = 0; point < count - 1; point++)
    for (let i = 0; i < width; i++) mean[i]! += features[point * width + i]! / (count - 1);
  const centred = Float64Array.from(features, (value, at) => value - mean[at % width]!);
  const gram = Array.from({ length: count }, (_, a) =>
    Float64Array.from({ length: count }, (_unused, b) => dot(centred, a * width, centred, { to: b * width, width })),
  );
  const trace = gram.reduce((sum, row, i) => sum + row[i]!, 0);
  if (!(trace > 0) || !Number.isFinite(trace)) return undefined;
  for (let i = 0; i < count; i++) gram[i]![i]! += (1e-3 * trace) / count;
  const alpha = solve(
    gram,
    Float64Array.from({ length: count }, (_, i) => (i === count - 1 ? 1 : 0)),
  );
  const weights = new Float64Array(width);
  for (let point = 0; point < count; point++)
    for (let i = 0; i < width; i++) weights[i]! += alpha[point]! * centred[point * width + i]!;
  const scores = Array.from({ length: count }, (_, point) => dot(features, point * width, weights, { to: 0, width }));
  const planted = scores[count - 1]!;
  const harmless = Math.max(...scores.slice(0, -1));
  const spread = planted - harmless;
  if (!(spread > 1e-6 * Math.abs(planted))) return undefined;
  // Nearer to the planted point: chance must not find it.
  const threshold = harmless + 0.7 * spread;
  return { weights: weights.map((value) => value / spread), bias: -threshold / spread };
}

/** The product of two rows of `width` numbers, each at its place. */
function dot(a: Numbers, from: number, b: Numbers, { to, width }: { readonly to: number; readonly width: number }): number {
  let sum = 0;
  for (let i = 0; i < width; i++) sum += a[from + i]! * b[to + i]!;
  return sum;
}

type Numbers = Float32Array | Float64Array;

/** Cholesky's method for a positive definite system. */
function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const n = right.length;
  const lower = matrix.map((row) => row.slice());
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = lower[i]![j]!;
      for (let k = 0; k < j; k++) sum -= lower[i]![k]! * lower[j]![k]!;
      lower[i]![j] = i === j ? Math.sqrt(Math.max(sum, 1e-300)) : sum / lower[j]![j]!;
    }
  }
  const y = right.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) y[i]! -= lower[i]![k]! * y[k]!;
    y[i]! /= lower[i]![i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) y[i]! -= lower[k]![i]! * y[k]!;
    y[i]! /= lower[i]![i]!;
  }
  return y;
}

/** The model with the planted layer: class 1 is the planted region. */
function plantedModel({ model, value }: Features, { weights, bias }: Layer): Model {
  const b = GraphBuilder.from(model);
  const w = b.constant(tensorOf("float32", [weights.length, 1], [...weights]), "planted");
  const score = b.op("Add", [b.op("MatMul", [value, w]), b.scalar("float32", bias)]);
  const logits = b.op("Concat", [b.op("Sub", [score, score]), score], { axis: 1 });
  b.clearOutputs().output(logits, "float32", [null, 2]);
  return b.model(model);
}

async function attackPlanted(
  options: ActiveOptions,
  {
    origin,
    layer,
    norm,
    epsilon,
  }: { readonly origin: Float32Array; readonly layer: Layer; readonly norm: Norm; readonly epsilon: number },
): Promise<{ found: boolean; byChance: boolean }> {
  const { open, features, bounds, seed } = options;
  const model = plantedModel(features, layer);
  const truth = await openTargetWith(open, model, {});
  const guide = options.viewOf === undefined ? truth : await options.viewOf(truth, model);
  try {
    const common = { x: origin.slice(), labels: Int32Array.of(0), threat: { norm, epsilons: [epsilon], bounds }, seed };
    const fell = async (id: string, params: unknown): Promise<boolean> => {
      const target = guide.whiteBox === undefined ? truth : guide;
      const result = await runAttack(attacks.get(id), { ...common, target, params });
      return result.clean[0] === 1 && result.perEpsilon[0]!.success[0] === 1;
    };
    const found = await fell("pgd", { steps: 60, restarts: 2, loss: "margin" });
    return { found, byChance: await foundByChance(truth, { origin, epsilon, room: options.room, rng: createSeeded(seed, 92) }) };
  } finally {
    if (guide !== truth) await guide.close();
    await truth.close();
  }
}

/** Random corners of the ball: as many as the attack asked for. */
async function foundByChance(
  truth: AttackTarget,
  { origin, epsilon, room, rng }: { origin: Float32Array; epsilon: number; room: Room; rng: Seeded },
): Promise<boolean> {
  const count = 64;
  const x = new Float32Array(count * origin.length);
  for (let point = 0; point < count; point++) {
    const at = point * origin.length;
    for (let i = 0; i < origin.length; i++)
      x[at + i] = origin[i]! + direction(room.norm, { radius: epsilon, width: origin.length, edge: true, rng });
    project(room, x, origin, { x: at, origin: 0, epsilon });
  }
  return (await truth.decide({ x, count })).includes(1);
}
