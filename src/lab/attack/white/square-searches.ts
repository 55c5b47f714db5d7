/** Searches over square patches of one model: a session for each loss. */
import { tensorOf } from "../../../model/onnx/index.ts";
import { imageOf } from "../square/proposal.ts";
import type { SquareFeed, SquareQuestion, SquareState } from "../square/question.ts";
import type { Shape } from "./around-loss.ts";
import { runRows } from "./rows-session.ts";
import type { RowInput, RowLimits } from "./rows-session.ts";
import { createSessions } from "./sessions.ts";
import type { OpenGraph } from "./sessions.ts";
import { squareGraph, squareNames, squareOutputs } from "./square-graph.ts";
import type { SquareGraph } from "./square-graph.ts";

/** The searches, and an end for their sessions. */
export interface SquareSearches {
  readonly squares: SquareQuestion;
  close(): Promise<void>;
}

/** Searches over the graph from an input to logits. */
export function createSquareSearches(
  shape: Shape,
  { limits, open }: { readonly limits: RowLimits; readonly open: OpenGraph },
): SquareSearches {
  const sessions = createSessions<SquareGraph>(open);
  const image = imageOf(shape.rowDims);
  return {
    async squares(kind, from, feed, options = {}) {
      const { graph, session } = sessions.of(kind, () => squareGraph(kind, { ...shape, image }));
      const inputs = inputsOf(graph, [shape.rowDims, image.channels], from, feed);
      const [x, lead, scores] = await runRows(await session(), inputs, Object.values(squareOutputs), {
        ...limits,
        ...options,
        constants: () => ({ ...limits.constants?.(), ...sharedBy(feed) }),
        count: from.lead.length,
      });
      return { x: x!, lead: lead!, scores: scores! };
    },
    close: () => sessions.close(),
  };
}

function sharedBy({ tall, wide }: SquareFeed) {
  const { shared } = squareNames;
  return {
    [shared.tall]: tensorOf("int64", [tall.length], tall),
    [shared.wide]: tensorOf("int64", [wide.length], wide),
    [shared.rounds]: tensorOf("int64", [], [tall.length]),
  };
}

function inputsOf(
  graph: SquareGraph,
  [rowDims, channels]: readonly [readonly number[], number],
  from: SquareState,
  feed: SquareFeed,
): readonly RowInput[] {
  const { x, lead, low, high, top, left, change } = squareNames;
  const rounds = feed.tall.length;
  return [
    { name: x, data: from.x, dims: rowDims },
    { name: lead, data: from.lead, dims: [] },
    { name: low, data: feed.low, dims: rowDims },
    { name: high, data: feed.high, dims: rowDims },
    { name: top, data: feed.top, dims: [rounds] },
    { name: left, data: feed.left, dims: [rounds] },
    { name: change, data: feed.change, dims: [rounds, channels] },
    ...(graph.labels === undefined ? [] : [{ name: graph.labels, data: feed.labels, dims: [] }]),
    ...(graph.targets === undefined ? [] : [{ name: graph.targets, data: feed.targets!, dims: [] }]),
  ];
}
