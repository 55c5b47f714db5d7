/** A model seen through random transforms, as a target: every attack on it is an attack on the expectation over transformation. */
import { createSeeded } from "../../../base/math/index.ts";
import type { Seeded } from "../../../base/math/index.ts";
import { readModel, writeModel } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import type { Session } from "../../../model/runtime/index.ts";
import type { OpenSession, TargetOptions } from "../open-target.ts";
import { decisions } from "../target.ts";
import type { AskOptions, AttackTarget, LossKind, Rows, WhiteBox } from "../target.ts";
import { logitsOf, unsupported } from "../white/logits.ts";
import type { LogitModel } from "../white/logits.ts";
import { lossGraph } from "../white/loss-graph.ts";
import type { LossGraph } from "../white/loss-graph.ts";
import { runRows } from "../white/rows-session.ts";
import type { RowInput } from "../white/rows-session.ts";
import { createSessions } from "../white/sessions.ts";
import type { OpenGraph } from "../white/sessions.ts";
import { printAndPhotograph, withTransforms } from "./transforms.ts";
import type { TransformedModel, Transforms } from "./transforms.ts";
import { copied, createViews, meanOf } from "./views.ts";
import type { Views } from "./views.ts";

/** How the model is seen. */
export interface EotOptions extends Omit<TargetOptions, "told"> {
  /** Default {@link printAndPhotograph}. */
  readonly transforms?: Transforms;
  /** Views of each point: losses, gradients and logits are means over them. Default 16. */
  readonly samples?: number;
  /** One of the views of each point is the picture as it is: what is found should hold there, too. Default false. */
  readonly still?: boolean;
  /** Default 0. Views are drawn anew for each question. */
  readonly seed?: number;
}

/** A target behind transforms. */
export interface EotTarget extends AttackTarget {
  /** For each point the share of fresh views in which the model says another class than its label. */
  wrongShare(rows: Rows, labels: Int32Array, views: number, seed: number): Promise<Float64Array>;
}

/** A model behind transforms, how it is run, and the views that its questions draw. */
interface Scene {
  readonly part: LogitModel;
  readonly seen: TransformedModel;
  readonly rowSize: number;
  readonly samples: number;
  readonly still: boolean;
  readonly rng: Seeded;
  readonly views: Views;
  readonly limits: { readonly maxRows: number; readonly fixedRows: number | undefined };
  readonly openGraph: OpenGraph;
}

/**
 * Opens a model for pictures (channels × height × width) behind random transforms.
 * @throws attack/unsupported-model when its input is no picture
 */
export async function openEotTargetWith(
  open: OpenSession,
  source: Uint8Array | Model,
  options: EotOptions = {},
): Promise<EotTarget> {
  const scene = sceneOf(open, logitsOf(source instanceof Uint8Array ? readModel(source) : source, options), options);
  const { part, seen, samples, rowSize } = scene;
  const forward = await scene.openGraph(seen.model);
  const gradients = createGradients(scene);
  const scores = async (rows: Rows, how: AskOptions = {}): Promise<Float32Array> =>
    meanOf(await logits(scene, forward, { rows, copies: samples, how }), samples, part.classes);
  return {
    name: options.name ?? "model behind transforms",
    knowledge: "gradient",
    classes: part.classes,
    rowDims: part.rowDims,
    rowSize,
    notes: [...part.notes, `answers are means over ${samples} random views`],
    whiteBox: {
      model: seen.model,
      input: part.input.name,
      logits: part.logits,
      facts: gradients.graphOf("weighted").graph.facts,
      gradient: gradients.gradient,
    },
    scores,
    decide: async (rows, how) => decisions(await scores(rows, how), part.classes),
    async wrongShare(rows, labels, count, fresh) {
      const asked = { rows, copies: count, how: {}, fresh: createSeeded(fresh, 0xe08) };
      const answers = decisions(await logits(scene, forward, asked), part.classes);
      return Float64Array.from(
        labels,
        (label, row) => answers.subarray(row * count, (row + 1) * count).filter((answer) => answer !== label).length / count,
      );
    },
    async close() {
      await Promise.all([forward.close(), gradients.close()]);
    },
  };
}

function sceneOf(open: OpenSession, part: LogitModel, options: EotOptions): Scene {
  const [channels, height, width, ...more] = part.rowDims;
  if (width === undefined || more.length > 0)
    throw unsupported(`an example is [${part.rowDims.join(", ")}]`, "transforms need pictures: channels × height × width");
  const dims = [channels!, height!, width] as const;
  const { transforms = printAndPhotograph, samples = 16, seed = 0, still = false } = options;
  const seen = withTransforms(part.model, part.input.name, dims);
  return {
    part,
    seen,
    rowSize: channels! * height! * width,
    samples,
    still,
    rng: createSeeded(seed, 0xe07),
    views: createViews(seen, transforms, dims),
    limits: { maxRows: options.maxRows ?? 64, fixedRows: part.fixedRows },
    openGraph: (model) => open(writeModel(model), { threads: options.threads ?? 1 }),
  };
}

interface Asked {
  readonly rows: Rows;
  /** Views of each row. */
  readonly copies: number;
  readonly how: AskOptions;
  /** Draws views that no other question meets. */
  readonly fresh?: Seeded;
}

/** Logits of several views of each row. */
async function logits(scene: Scene, forward: Session, { rows, copies, how, fresh }: Asked): Promise<Float32Array> {
  const { part, rowSize, limits, views, still, rng } = scene;
  const count = rows.count * copies;
  const input = { name: part.input.name, data: copied(rows.x, rowSize, copies), dims: part.rowDims };
  const drawn = fresh === undefined ? views(count, rng, still ? copies : 0) : views(count, fresh, 0);
  const [out] = await runRows(forward, [input, ...drawn], [part.logits], { ...limits, ...how, count });
  return out!;
}

interface Gradients {
  graphOf(kind: LossKind): { readonly graph: LossGraph };
  readonly gradient: WhiteBox["gradient"];
  close(): Promise<void>;
}

/** Means of gradients over views: a session for each loss. */
function createGradients({ part, seen, rowSize, samples, still, rng, views, limits, openGraph }: Scene): Gradients {
  const sessions = createSessions<LossGraph>(openGraph);
  const shape = { model: seen.model, input: part.input.name, logits: part.logits, classes: part.classes };
  const graphOf = (kind: LossKind) => sessions.of(kind, () => lossGraph(kind, shape));
  const told = (name: string | undefined, data: Float32Array | Int32Array | undefined, width: number): RowInput[] =>
    name === undefined || data === undefined
      ? []
      : [{ name, data: copied(data, width, samples), dims: width === 1 ? [] : [width] }];
  return {
    graphOf,
    async gradient(kind, { x, count }, feed, how = {}) {
      const { graph, session } = graphOf(kind);
      const inputs = [
        { name: graph.input, data: copied(x, rowSize, samples), dims: part.rowDims },
        ...views(count * samples, rng, still ? samples : 0),
        ...told(graph.labels, feed.labels, 1),
        ...told(graph.targets, feed.targets, 1),
        ...told(graph.weights, feed.weights, part.classes),
      ];
      const names = [graph.loss, graph.gradient, graph.scores];
      const asked = { ...limits, ...how, count: count * samples };
      const [loss, derivative, out] = await runRows(await session(), inputs, names, asked);
      return {
        loss: meanOf(loss!, samples, 1),
        gradient: meanOf(derivative!, samples, rowSize),
        scores: meanOf(out!, samples, part.classes),
      };
    },
    close: () => sessions.close(),
  };
}
