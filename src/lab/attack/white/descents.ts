/** Descents of one model: a session for each loss, opened when it is first asked. */
import { tensorOf, writeModel } from "../../../model/onnx/index.ts";
import type { Tensor } from "../../../model/onnx/index.ts";
import type { Session } from "../../../model/runtime/index.ts";
import type { DescentAnswer, DescentFeed, DescentQuestion, DescentState } from "../carlini/question.ts";
import type { LossKind } from "../target.ts";
import type { Shape } from "./around-loss.ts";
import { descentGraph, descentNames, descentOutputs } from "./descent-graph.ts";
import type { DescentGraph } from "./descent-graph.ts";
import { runRows } from "./rows-session.ts";
import type { RowInput, RowLimits } from "./rows-session.ts";

/** The descents, and an end for their sessions. */
export interface Descents {
  readonly descend: DescentQuestion;
  close(): Promise<void>;
}

/** Descents over the graph from an input to logits. */
export function createDescents(
  shape: Shape,
  { limits, open }: { readonly limits: RowLimits; open(bytes: Uint8Array): Promise<Session> },
): Descents {
  const opened = new Map<LossKind, { readonly graph: DescentGraph; readonly session: Promise<Session> }>();
  const descentOf = (kind: LossKind) => {
    const known = opened.get(kind);
    if (known !== undefined) return known;
    const graph = descentGraph(kind, shape);
    const entry = { graph, session: open(writeModel(graph.model)) };
    opened.set(kind, entry);
    return entry;
  };
  return {
    async descend(kind, from, feed, options = {}) {
      const { graph, session } = descentOf(kind);
      const answers = await runRows(
        await session,
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
    async close() {
      await Promise.all([...opened.values()].map(async ({ session }) => (await session).close()));
    },
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
