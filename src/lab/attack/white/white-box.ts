/** The inside of a model that attacks drive: gradients of its losses, climbs and descents. A session for each, opened when it is first asked. */
import { isModelkeepError } from "../../../base/error/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import type { LossKind, WhiteBox } from "../target.ts";
import { createClimbs } from "./climbs.ts";
import { createDescents } from "./descents.ts";
import type { LogitModel } from "./logits.ts";
import { lossGraph } from "./loss-graph.ts";
import type { LossGraph } from "./loss-graph.ts";
import { runRows } from "./rows-session.ts";
import type { RowLimits } from "./rows-session.ts";
import { createSessions } from "./sessions.ts";
import type { OpenGraph } from "./sessions.ts";
import { truthRows } from "./truth.ts";
import type { Judgement } from "./truth.ts";

interface OpenWhiteBox {
  readonly box: WhiteBox;
  close(): Promise<void>;
}

/** Undefined when no gradient reaches the input: a tree, a model that rounds. */
export function openWhiteBox(
  part: LogitModel & { readonly refusal: number | undefined; readonly judgement: Judgement | undefined },
  open: OpenGraph,
  limits: RowLimits,
): OpenWhiteBox | undefined {
  const { model, logits, classes, refusal, judgement } = part;
  const { losses = {}, figures = [] } = judgement ?? {};
  const shape = { model, input: part.input.name, logits, classes, refusal, losses, kept: figures };
  const sessions = createSessions<LossGraph>(open);
  const graphOf = (kind: LossKind) => sessions.of(kind, () => lossGraph(kind, shape));
  let facts: LossGraph["facts"];
  try {
    facts = graphOf("weighted").graph.facts;
  } catch (error) {
    if (isModelkeepError(error) && error.code.startsWith("autodiff/")) return undefined;
    throw error;
  }
  // A climb tells no figures of its steps.
  const large = isLarge(model) || figures.length > 0;
  const climbs = large ? undefined : createClimbs(shape, { rowDims: part.rowDims, limits, open, judgement });
  // Nor does a descent, which is told of no example either.
  const plain = !large && judgement === undefined;
  const descents = plain ? createDescents({ ...shape, rowDims: part.rowDims }, { limits, open }) : undefined;
  return {
    box: {
      ...(climbs === undefined ? {} : { climb: climbs.climb }),
      ...(descents === undefined ? {} : { descend: descents.descend }),
      model,
      input: part.input.name,
      logits,
      facts,
      async gradient(kind, rows, feed, ask = {}) {
        const { x, count, examples } = rows;
        const { graph, session } = graphOf(kind);
        const inputs = [
          { name: graph.input, data: x, dims: part.rowDims },
          ...truthRows(judgement, rows),
          ...(graph.labels === undefined ? [] : [{ name: graph.labels, data: feed.labels, dims: [] }]),
          ...(graph.targets === undefined ? [] : [{ name: graph.targets, data: feed.targets!, dims: [] }]),
          ...(graph.weights === undefined ? [] : [{ name: graph.weights, data: feed.weights!, dims: [classes] }]),
        ];
        const names = [graph.loss, graph.gradient, graph.scores, ...figures];
        const [loss, gradient, scores, ...measured] = await runRows(await session(), inputs, names, {
          ...limits,
          ...ask,
          count,
        });
        judgement?.onFigures?.(examples, measured);
        return { loss: loss!, gradient: gradient!, scores: scores! };
      },
    },
    async close() {
      await Promise.all([sessions.close(), climbs?.close(), descents?.close()]);
    },
  };
}

/** Graphs of several steps hold the weights once more; beside the work of a larger model, what they save is nothing. */
export const isLarge = ({ graph }: Model): boolean =>
  [...graph.initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0) > 2 ** 25;
