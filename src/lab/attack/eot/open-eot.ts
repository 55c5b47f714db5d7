/** A model seen through random transforms, as a target: every attack on it is an attack on the expectation over transformation. */
import { createSeeded } from "../../../base/math/index.ts";
import type { Seeded } from "../../../base/math/index.ts";
import { readModel, writeModel } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import type { Session } from "../../../model/runtime/index.ts";
import type { OpenSession, TargetOptions } from "../open-target.ts";
import { gather, repeated } from "../rows.ts";
import { decisions } from "../target.ts";
import type { AskOptions, AttackTarget, LossFeed, LossKind, Rows } from "../target.ts";
import { logitsOf, unsupported } from "../white/logits.ts";
import { lossGraph } from "../white/loss-graph.ts";
import type { LossGraph } from "../white/loss-graph.ts";
import { runRows } from "../white/rows-session.ts";
import type { RowInput } from "../white/rows-session.ts";
import { drawTransforms, printAndPhotograph, stillView, withTransforms } from "./transforms.ts";
import type { Transforms } from "./transforms.ts";

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

/**
 * Opens a model for pictures (channels × height × width) behind random transforms.
 * @throws attack/unsupported-model when its input is no picture
 */
export async function openEotTargetWith(
  open: OpenSession,
  source: Uint8Array | Model,
  options: EotOptions = {},
): Promise<EotTarget> {
  const part = logitsOf(source instanceof Uint8Array ? readModel(source) : source, options);
  const [channels, height, width, ...more] = part.rowDims;
  if (width === undefined || more.length > 0)
    throw unsupported(`an example is [${part.rowDims.join(", ")}]`, "transforms need pictures: channels × height × width");
  const dims = [channels!, height!, width] as const;
  const { transforms = printAndPhotograph, samples = 16, seed = 0, still = false } = options;
  const rowSize = channels! * height! * width;
  const seen = withTransforms(part.model, part.input.name, dims);
  const limits = { maxRows: options.maxRows ?? 64, fixedRows: part.fixedRows };
  const sessionOf = (model: Model): Promise<Session> => open(writeModel(model), { threads: options.threads ?? 1 });
  const forward = await sessionOf(seen.model);
  const graphs = new Map<LossKind, { readonly graph: LossGraph; readonly session: Promise<Session> }>();
  const rng = createSeeded(seed, 0xe07);

  /** `every` says which views are still: each so many-th; none by default. */
  const views = (count: number, random = rng, every = 0): RowInput[] => {
    const draw = drawTransforms(transforms, count, dims, random);
    if (every > 0) for (let i = 0; i < count; i += every) stillView(draw, i, dims);
    const { inputs } = seen;
    return [
      { name: inputs.view, data: draw.view, dims: [3, 3] },
      { name: inputs.gain, data: draw.gain, dims: [channels!, 1, 1] },
      { name: inputs.bias, data: draw.bias, dims: [1, 1, 1] },
      { name: inputs.blur, data: draw.blur, dims: [1, 1, 1] },
      { name: inputs.noise, data: draw.noise, dims },
    ];
  };
  const times = (block: Float32Array | Int32Array, count: number, width_: number, copies: number) =>
    gather(
      block as Float32Array,
      repeated(
        Int32Array.from({ length: count }, (_, i) => i),
        copies,
      ),
      width_,
    );
  const logits = async ({ x, count }: Rows, copies: number, how: AskOptions, fresh?: Seeded): Promise<Float32Array> => {
    const input = { name: part.input.name, data: times(x, count, rowSize, copies), dims };
    const seenAs = fresh === undefined ? views(count * copies, rng, still ? copies : 0) : views(count * copies, fresh);
    const [out] = await runRows(forward, [input, ...seenAs], [part.logits], {
      ...limits,
      ...how,
      count: count * copies,
    });
    return out!;
  };
  const scores = async (rows: Rows, how: AskOptions = {}): Promise<Float32Array> =>
    mean(await logits(rows, samples, how), samples, part.classes);
  const first = lossGraph("weighted", { model: seen.model, input: part.input.name, logits: part.logits, classes: part.classes });

  async function gradient(kind: LossKind, { x, count }: Rows, feed: LossFeed, how: AskOptions = {}) {
    let entry = graphs.get(kind);
    if (entry === undefined) {
      const graph = lossGraph(kind, { model: seen.model, input: part.input.name, logits: part.logits, classes: part.classes });
      entry = { graph, session: sessionOf(graph.model) };
      graphs.set(kind, entry);
    }
    const { graph, session } = entry;
    const total = count * samples;
    const labelled = (
      name: string | undefined,
      data: Float32Array | Int32Array | undefined,
      inner: readonly number[],
    ): RowInput[] =>
      name === undefined || data === undefined
        ? []
        : [
            {
              name,
              data: times(
                data,
                count,
                inner.reduce((a, b) => a * b, 1),
                samples,
              ),
              dims: inner,
            },
          ];
    const inputs = [
      { name: graph.input, data: times(x, count, rowSize, samples), dims },
      ...views(total, rng, still ? samples : 0),
      ...labelled(graph.labels, feed.labels, []),
      ...labelled(graph.targets, feed.targets, []),
      ...labelled(graph.weights, feed.weights, [part.classes]),
    ];
    const [loss, derivative, out] = await runRows(await session, inputs, [graph.loss, graph.gradient, graph.scores], {
      ...limits,
      ...how,
      count: total,
    });
    return {
      loss: mean(loss!, samples, 1),
      gradient: mean(derivative!, samples, rowSize),
      scores: mean(out!, samples, part.classes),
    };
  }

  return {
    name: options.name ?? "model behind transforms",
    knowledge: "gradient",
    classes: part.classes,
    rowDims: part.rowDims,
    rowSize,
    notes: [...part.notes, `answers are means over ${samples} random views`],
    whiteBox: { model: seen.model, input: part.input.name, logits: part.logits, facts: first.facts, gradient },
    scores,
    decide: async (rows, how) => decisions(await scores(rows, how), part.classes),
    async wrongShare(rows, labels, count, fresh) {
      const answers = decisions(await logits(rows, count, {}, createSeeded(fresh, 0xe08)), part.classes);
      return Float64Array.from(
        labels,
        (label, row) => answers.subarray(row * count, (row + 1) * count).filter((answer) => answer !== label).length / count,
      );
    },
    async close() {
      await Promise.all([forward.close(), ...[...graphs.values()].map(async ({ session }) => (await session).close())]);
    },
  };
}

/** The mean of every so many rows. */
function mean(block: Float32Array, samples: number, width: number): Float32Array {
  const out = new Float32Array(block.length / samples);
  for (let row = 0; row < out.length / width; row++) {
    for (let sample = 0; sample < samples; sample++) {
      for (let i = 0; i < width; i++) out[row * width + i]! += block[(row * samples + sample) * width + i]! / samples;
    }
  }
  return out;
}
