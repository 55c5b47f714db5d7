/** Views of a model that are made for its defence: whatever they say of directions, answers always come from the model itself. */
import { GraphBuilder } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { createSeeded } from "../../../base/math/index.ts";
import { decisions, openTargetWith } from "../../attack/index.ts";
import type {
  AskOptions,
  AttackTarget,
  Bounds,
  LossAnswer,
  OpenSession,
  Rows,
  TargetOptions,
  WhiteBox,
} from "../../attack/index.ts";
import { createCopies, repeatedFeed, repeatedRows } from "./copies.ts";
import { addSlopes } from "./slopes.ts";
import { surrogateOf } from "./surrogate.ts";

/** What an adaptive attack does about a model. */
export interface Remedies {
  /** Replaces nodes without a slope. */
  readonly straightThrough: boolean;
  /** Also replaces what saturates or has infinite slopes. */
  readonly saturating: boolean;
  /** Also holds waves still. */
  readonly waves: boolean;
  /** Divides logits by this, so that the cross-entropy feels them; 1 leaves them. */
  readonly scale: number;
  /** Averages answers and gradients over so many draws of a random model. */
  readonly draws: number;
  /** Averages gradients over points nearby, so far away in each value; 0 for none. */
  readonly smooth: number;
}

export const noRemedies: Remedies = { straightThrough: false, saturating: false, waves: false, scale: 1, draws: 1, smooth: 0 };

/** Whether there is anything to do. */
export const needed = ({ straightThrough, saturating, waves, scale, draws, smooth }: Remedies): boolean =>
  straightThrough || saturating || waves || scale !== 1 || draws > 1 || smooth > 0;

export interface AdaptiveView {
  readonly target: AttackTarget;
  /** Sentences for the report: what was done. */
  readonly steps: readonly string[];
}

interface ViewOptions {
  readonly model: Model;
  readonly remedies: Remedies;
  readonly seed: number;
  readonly output?: string | undefined;
  /** The last score means a refusal. */
  readonly refuses?: boolean | undefined;
  readonly told?: TargetOptions["told"];
  /** Points nearby are taken between these, where an attack may go: on a bound the slope counts that leads inside. */
  readonly bounds?: Bounds | undefined;
}

/**
 * The view. Undefined when no gradient reaches the input even then: black-box attacks are left.
 *
 * @param open how sessions are opened
 * @param truth the target as it is
 */
export async function adaptiveView(
  open: OpenSession,
  truth: AttackTarget,
  { model, remedies, seed, output, refuses, told, bounds }: ViewOptions,
): Promise<AdaptiveView | undefined> {
  const steps: string[] = [];
  const wants = remedies.straightThrough || remedies.saturating || remedies.waves;
  const surrogate = wants
    ? surrogateOf(model, { saturating: remedies.saturating, waves: remedies.waves, exact: refuses })
    : undefined;
  if (surrogate !== undefined) steps.push(`gradients through stand-ins for ${surrogate.replaced.length} nodes (BPDA)`);
  const { rowDims } = truth;
  let opened = await openTargetWith(open, surrogate?.model ?? model, { output, refuses, told, rowDims });
  if (opened.whiteBox === undefined) {
    await opened.close();
    return undefined;
  }
  if (remedies.scale !== 1) {
    const scaled = await openTargetWith(open, scaledLogits(opened.whiteBox, opened.classes, remedies.scale), {
      refuses,
      told,
      rowDims,
    });
    await opened.close();
    opened = scaled;
    steps.push(`logits divided by ${remedies.scale.toPrecision(3)}`);
  }
  if (remedies.draws > 1) steps.push(`answers and gradients averaged over ${remedies.draws} draws (EOT)`);
  if (remedies.smooth > 0) steps.push(`gradients averaged over 8 points within ${remedies.smooth.toPrecision(2)}`);
  return { target: compose(truth, opened, { remedies, seed, bounds }), steps };
}

function scaledLogits({ model, logits }: WhiteBox, classes: number, scale: number): Model {
  const b = GraphBuilder.from(model);
  const scaled = b.op("Mul", [logits, b.scalar("float32", 1 / scale)]);
  b.clearOutputs().output(scaled, "float32", [null, classes]);
  return b.model(model);
}

/** Points at which a smoothed gradient is taken. */
const nearbyPoints = 8;

/** Gradients of one target, answers of another. */
function compose(
  truth: AttackTarget,
  guide: AttackTarget,
  { remedies, seed, bounds }: Pick<ViewOptions, "remedies" | "seed" | "bounds">,
): AttackTarget {
  const { draws, smooth } = remedies;
  const rng = createSeeded(seed, 77);
  const answers = averagedScores(truth, draws);
  const side = (name: "low" | "high", k: number, open: number): number => {
    const bound = bounds?.[name] ?? open;
    return typeof bound === "number" ? bound : bound[k]!;
  };
  const inside = (value: number, k: number): number =>
    Math.min(side("high", k, Infinity), Math.max(side("low", k, -Infinity), value));
  // Climbs and descents would follow the guide's plain gradient and believe its answers.
  const { climb: _climb, descend: _descend, ...box } = guide.whiteBox!;
  const points = smooth > 0 ? Math.max(nearbyPoints, draws) : draws;
  const copies = createCopies();
  const gradient: WhiteBox["gradient"] = async (loss, rows, feed, options): Promise<LossAnswer> => {
    const { x, count } = rows;
    const sum = { gradient: new Float32Array(x.length), loss: new Float32Array(count) };
    for (let asked = 0; asked < points;) {
      const now = copies.of(points - asked);
      const near = repeatedRows(rows, now);
      const at = near.x;
      if (smooth > 0) {
        // The first point is the example's own.
        for (let k = asked === 0 ? x.length : 0; k < at.length; k++)
          at[k] = inside(at[k]! + smooth * (2 * rng.unit() - 1), k % truth.rowSize);
      }
      const part = await box.gradient(loss, near, repeatedFeed(feed, now), options);
      if (draws > 1 && smooth === 0 && copies.areOne(part.scores, now, count)) continue;
      addSlopes(sum.gradient, part.gradient, { rowSize: truth.rowSize, clip: smooth > 0 });
      for (let k = 0; k < part.loss.length; k++) sum.loss[k % count]! += part.loss[k]! / points;
      asked += now;
    }
    return { ...sum, scores: await answers(rows, options) };
  };
  return {
    ...truth,
    knowledge: "gradient",
    whiteBox: { ...box, gradient },
    scores: answers,
    decide: async (rows, options) => decisions(await answers(rows, options), truth.classes),
    close: () => guide.close(),
  };
}

/** Scores, over several draws where the model is random. A target that tells labels gives a one for its choice. */
export function averagedScores(target: AttackTarget, draws: number): NonNullable<AttackTarget["scores"]> {
  const once = async (rows: Rows, options?: AskOptions): Promise<Float32Array> => {
    if (target.scores !== undefined) return target.scores(rows, options);
    const labels = await target.decide(rows, options);
    const scores = new Float32Array(labels.length * target.classes);
    labels.forEach((label, row) => label >= 0 && (scores[row * target.classes + label] = 1));
    return scores;
  };
  const copies = createCopies();
  return async (rows, options) => {
    if (draws === 1) return (await once(rows, options)).slice();
    const { count } = rows;
    const mean = new Float32Array(count * target.classes);
    for (let asked = 0; asked < draws;) {
      const now = copies.of(draws - asked);
      const scores = await once(repeatedRows(rows, now), options);
      if (copies.areOne(scores, now, count)) continue;
      for (let k = 0; k < scores.length; k++) mean[k % mean.length]! += scores[k]! / draws;
      asked += now;
    }
    return mean;
  };
}
