/** Descents of one model: a session for each loss. */
import { tensorOf } from "../../../model/onnx/index.ts";
import type { Tensor } from "../../../model/onnx/index.ts";
import type { DescentAnswer, DescentFeed, DescentQuestion, DescentState } from "../carlini/question.ts";
import type { Shape } from "./around-loss.ts";
import { descentGraph, descentNames, descentOutputs } from "./descent-graph.ts";
import type { DescentGraph } from "./descent-graph.ts";
import { runRows } from "./rows-session.ts";
import type { RowInput, RowLimits } from "./rows-session.ts";
import { createSessions } from "./sessions.ts";
import type { OpenGraph } from "./sessions.ts";

/** The descents, and an end for their sessions. */
export interface Descents {
  readonly descend: DescentQuestion;
  close(): Promise<void>;
}

/** Descents over the graph from an input to logits. */
export function createDescents(
  shape: Shape,
  { limits, open }: { readonly limits: RowLimits; readonly open: OpenGraph },
): Descents {
  const sessions = createSessions<DescentGraph>(open);
  return {
    async descend(kind, from, feed, options = {}) {
      const { graph, session } = sessions.of(kind, () => descentGraph(kind, shape));
      const answers = await runRows(
        await session(),
        inputsOf(graph, shape.rowDims, from, feed),
        outputs.map((key) => descentOutputs[key]),
        {
          ...limits,
          ...options,
          constants: () => ({ ...limits.constants?.(), ...sharedBy(feed, shape.rowDims) }),
          count: feed.constant.length,
        },
      );
      return Object.fromEntries(outputs.map((key, i) => [key, answers[i]!])) as unknown as DescentAnswer;
    },
    close: () => sessions.close(),
  };
}

const outputs = ["w", "first", "second", "best", "losses", "far", "scores"] as const satisfies readonly (keyof DescentAnswer)[];

function sharedBy({ bounds, confidence, rates }: DescentFeed, rowDims: readonly number[]): Readonly<Record<string, Tensor>> {
  const { shared } = descentNames;
  const row = (data: Float32Array): Tensor => tensorOf("float32", [1, ...rowDims], data);
  return {
    [shared.middle]: row(bounds.middle),
    [shared.half]: row(bounds.half),
    [shared.low]: row(bounds.low),
    [shared.high]: row(bounds.high),
    [shared.confidence]: tensorOf("float32", [], [confidence]),
    [shared.rates]: tensorOf("float32", [rates.length], rates),
    [shared.steps]: tensorOf("int64", [], [rates.length]),
  };
}

function inputsOf(graph: DescentGraph, rowDims: readonly number[], from: DescentState, feed: DescentFeed): readonly RowInput[] {
  const { w, first, second, origin, constant } = descentNames;
  const row = (name: string, data: Float32Array): RowInput => ({ name, data, dims: rowDims });
  const each = (name: string | undefined, data: Float32Array | Int32Array | undefined): readonly RowInput[] =>
    name === undefined ? [] : [{ name, data: data!, dims: [] }];
  return [
    row(w, from.w),
    row(first, from.first),
    row(second, from.second),
    row(origin, feed.origin),
    ...each(constant, feed.constant),
    ...each(graph.labels, feed.labels),
    ...each(graph.targets, feed.targets),
  ];
}
