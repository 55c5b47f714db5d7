/** A target from a model file: white-box where its gradient exists, else scores. */
import { isModelkeepError } from "../../base/error/index.ts";
import { readModel, writeModel } from "../../model/onnx/index.ts";
import type { Model, Tensor } from "../../model/onnx/index.ts";
import type { Session, SessionOptions } from "../../model/runtime/index.ts";
import { decisions } from "./target.ts";
import type { AttackTarget, Knowledge, LossKind, WhiteBox } from "./target.ts";
import { createClimbs } from "./white/climbs.ts";
import { logitsOf } from "./white/logits.ts";
import type { LogitModel, LogitOptions } from "./white/logits.ts";
import { lossGraph } from "./white/loss-graph.ts";
import type { LossGraph } from "./white/loss-graph.ts";
import { runRows } from "./white/rows-session.ts";
import type { RowLimits } from "./white/rows-session.ts";

/** How a session is opened: the runtime's `openSession`, in a worker in Node, on the page in a browser. */
export type OpenSession = (bytes: Uint8Array, options: SessionOptions) => Promise<Session>;

/** How a target is opened. */
export interface TargetOptions extends Omit<LogitOptions, "told"> {
  /** What is told beside each example, by input: asked for at each run, so that it may be another one each time. */
  readonly told?: (() => Readonly<Record<string, Tensor>>) | undefined;
  readonly name?: string;
  /** Give away less than there is: attacks then see scores or labels only. Default `gradient`, `scores` where there is none. */
  readonly knowledge?: Knowledge;
  /** Threads of ONNX Runtime. Default 1. */
  readonly threads?: number;
  /** Rows in one run. Default 64: large enough to fill the kernels, small enough for the caches. */
  readonly maxRows?: number;
  /** The model's last score says that a detector flags the example: see {@link AttackTarget.refusal}. */
  readonly refuses?: boolean | undefined;
}

/**
 * Opens a model for attacks through a port that opens sessions.
 * @throws attack/unsupported-model · runtime/load-refused
 */
export async function openTargetWith(
  open: OpenSession,
  source: Uint8Array | Model,
  options: TargetOptions = {},
): Promise<AttackTarget> {
  const whole = source instanceof Uint8Array ? readModel(source) : source;
  const { told, ...rest } = options;
  const part = logitsOf(whole, { ...rest, told: told === undefined ? [] : Object.keys(told()) });
  const sessionOptions: SessionOptions = { threads: options.threads ?? 1 };
  const session = await open(writeModel(part.model), sessionOptions);
  const refusal = options.refuses === true ? part.classes - 1 : undefined;
  const limits = { maxRows: options.maxRows ?? 64, fixedRows: part.fixedRows, constants: told };
  const wanted = options.knowledge ?? "gradient";
  const white =
    wanted === "gradient" ? whiteBox({ ...part, refusal }, (bytes) => open(bytes, sessionOptions), limits) : undefined;
  const scores: NonNullable<AttackTarget["scores"]> = async ({ x, count }, ask = {}) => {
    const [out] = await runRows(session, [{ name: part.input.name, data: x, dims: part.rowDims }], [part.logits], {
      ...limits,
      ...ask,
      count,
    });
    return out!;
  };
  return {
    name: options.name ?? "model",
    knowledge: white === undefined ? (wanted === "gradient" ? "scores" : wanted) : "gradient",
    classes: part.classes,
    ...(refusal === undefined ? {} : { refusal }),
    rowDims: part.rowDims,
    rowSize: part.rowDims.reduce((product, size) => product * size, 1),
    notes: white === undefined && wanted === "gradient" ? [...part.notes, "no gradient reaches the input"] : part.notes,
    ...(white === undefined ? {} : { whiteBox: white.box }),
    ...(wanted === "decisions" ? {} : { scores }),
    decide: async (rows, ask) => decisions(await scores(rows, ask), part.classes),
    async close() {
      await Promise.all([session.close(), white?.close()]);
    },
  };
}

interface OpenWhiteBox {
  readonly box: WhiteBox;
  close(): Promise<void>;
}

/** Undefined when no gradient reaches the input: a tree, a model that rounds. */
function whiteBox(
  part: LogitModel & { readonly refusal: number | undefined },
  open: (bytes: Uint8Array) => Promise<Session>,
  limits: RowLimits,
): OpenWhiteBox | undefined {
  const shape = { model: part.model, input: part.input.name, logits: part.logits, classes: part.classes, refusal: part.refusal };
  const graphs = new Map<LossKind, { readonly graph: LossGraph; session: Promise<Session> | undefined }>();
  const graphOf = (kind: LossKind) => {
    const known = graphs.get(kind);
    if (known !== undefined) return known;
    const made = { graph: lossGraph(kind, shape), session: undefined };
    graphs.set(kind, made);
    return made;
  };
  let facts: LossGraph["facts"];
  try {
    facts = graphOf("weighted").graph.facts;
  } catch (error) {
    if (isModelkeepError(error) && error.code.startsWith("autodiff/")) return undefined;
    throw error;
  }
  const climbs = storedBytes(part.model) > mostClimbed ? undefined : createClimbs(shape, { rowDims: part.rowDims, limits, open });
  return {
    box: {
      ...(climbs === undefined ? {} : { climb: climbs.climb }),
      model: part.model,
      input: part.input.name,
      logits: part.logits,
      facts,
      async gradient(kind, { x, count }, feed, ask = {}) {
        const entry = graphOf(kind);
        entry.session ??= open(writeModel(entry.graph.model));
        const { graph } = entry;
        const inputs = [
          { name: graph.input, data: x, dims: part.rowDims },
          ...(graph.labels === undefined ? [] : [{ name: graph.labels, data: feed.labels, dims: [] }]),
          ...(graph.targets === undefined ? [] : [{ name: graph.targets, data: feed.targets!, dims: [] }]),
          ...(graph.weights === undefined ? [] : [{ name: graph.weights, data: feed.weights!, dims: [part.classes] }]),
        ];
        const names = [graph.loss, graph.gradient, graph.scores];
        const [loss, gradient, scores] = await runRows(await entry.session, inputs, names, { ...limits, ...ask, count });
        return { loss: loss!, gradient: gradient!, scores: scores! };
      },
    },
    async close() {
      await Promise.all([...[...graphs.values()].map(async ({ session }) => (await session)?.close()), climbs?.close()]);
    },
  };
}

/** A climb holds the weights once more; beside the work of a larger model, what it saves is nothing. */
const mostClimbed = 2 ** 25;

const storedBytes = ({ graph }: Model): number =>
  [...graph.initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
