/** A target from a model file: white-box where its gradient exists, else scores. */
import { readModel, writeModel } from "../../model/onnx/index.ts";
import type { Model, Tensor } from "../../model/onnx/index.ts";
import type { Session, SessionOptions } from "../../model/runtime/index.ts";
import { decisions } from "./target.ts";
import type { AskOptions, AttackTarget, Knowledge, Rows, ScoreQuestion } from "./target.ts";
import { logitsOf } from "./white/logits.ts";
import type { LogitModel, LogitOptions } from "./white/logits.ts";
import { runRows } from "./white/rows-session.ts";
import { truthRows } from "./white/truth.ts";
import type { Judgement } from "./white/truth.ts";
import { createSquareSearches } from "./white/square-searches.ts";
import { isLarge, openWhiteBox } from "./white/white-box.ts";

/** How a session is opened: the runtime's `openSession`, in a worker in Node, on the page in a browser. */
export type OpenSession = (bytes: Uint8Array, options: SessionOptions) => Promise<Session>;

/** How the sessions of a target are opened and run. */
export interface TargetSessions {
  readonly name?: string;
  /** Give away less than there is: attacks then see scores or labels only. Default `gradient`, `scores` where there is none. */
  readonly knowledge?: Knowledge;
  /** Threads of ONNX Runtime. Default 1. */
  readonly threads?: number;
  /** Rows in one run. Default 64: large enough to fill the kernels, small enough for the caches. */
  readonly maxRows?: number;
}

/** How a target is opened. */
export interface TargetOptions extends Omit<LogitOptions, "told">, TargetSessions {
  /** What is told beside each example, by input: asked for at each run, so that it may be another one each time. */
  readonly told?: (() => Readonly<Record<string, Tensor>>) | undefined;
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
  return openPart(open, part, options);
}

/** A model whose scores say whether what is true of an example still holds, and that truth. */
export interface JudgedModel extends LogitModel {
  readonly judgement: Judgement;
}

/**
 * Opens a model that is told the truth about each example beside it and scores whether that still holds: whatever a model does becomes a matter
 * of classes, of which the first one means that it holds.
 * @throws runtime/load-refused
 */
export const openJudgedWith = (open: OpenSession, judged: JudgedModel, options: TargetSessions = {}): Promise<AttackTarget> =>
  openPart(open, judged, options, judged.judgement);

async function openPart(
  open: OpenSession,
  part: LogitModel,
  options: TargetSessions & Pick<TargetOptions, "told" | "refuses">,
  judgement?: Judgement,
): Promise<AttackTarget> {
  const sessionOptions: SessionOptions = { threads: options.threads ?? 1 };
  const openGraph = (model: Model): Promise<Session> => open(writeModel(model), sessionOptions);
  const session = await openGraph(part.model);
  const refusal = options.refuses === true ? part.classes - 1 : undefined;
  const limits = { maxRows: options.maxRows ?? 64, fixedRows: part.fixedRows, constants: options.told };
  const wanted = options.knowledge ?? "gradient";
  const given = { ...part, refusal, judgement };
  const boxed = (): ReturnType<typeof openWhiteBox> => openWhiteBox(given, openGraph, limits);
  // What fails from here on must not leave a worker behind, for which a process would wait for ever.
  const white = wanted === "gradient" ? await closingOn(session, boxed) : undefined;
  const figures = judgement?.figures ?? [];
  const answer = async (rows: Rows, ask: AskOptions = {}): Promise<Float32Array> => {
    const { x, count, examples } = rows;
    const inputs = [{ name: part.input.name, data: x, dims: part.rowDims }, ...truthRows(judgement, rows)];
    const [out, ...measured] = await runRows(session, inputs, [part.logits, ...figures], { ...limits, ...ask, count });
    judgement?.onFigures?.(examples, measured);
    return out!;
  };
  const searching = judgement === undefined && !isLarge(part.model);
  const searches = searching
    ? createSquareSearches({ ...part, input: part.input.name, refusal }, { limits, open: openGraph })
    : undefined;
  const scores: ScoreQuestion = searches === undefined ? answer : Object.assign(answer, { squares: searches.squares });
  const target: AttackTarget = {
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
      await Promise.all([session.close(), white?.close(), searches?.close()]);
    },
  };
  return judgement === undefined ? target : withExamples(target, undefined);
}

async function closingOn<T>(session: Session, work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** A target for a run over some of its examples; all of them when there is no list. Closing it closes nothing: the whole one is closed. */
function withExamples(whole: AttackTarget, chosen: Int32Array | undefined): AttackTarget {
  const placed = (rows: Rows): Rows => {
    const places = rows.examples ?? Int32Array.from({ length: rows.count }, (_, row) => row);
    return { ...rows, examples: chosen === undefined ? places : places.map((place) => chosen[place]!) };
  };
  const { whiteBox: box } = whole;
  return {
    ...whole,
    ...(whole.scores === undefined ? {} : { scores: (rows, ask) => whole.scores!(placed(rows), ask) }),
    decide: (rows, ask) => whole.decide(placed(rows), ask),
    ...(box === undefined
      ? {}
      : {
          whiteBox: {
            ...box,
            gradient: (loss, rows, feed, ask) => box.gradient(loss, placed(rows), feed, ask),
            ...(box.climb === undefined
              ? {}
              : {
                  climb: (loss, from, feed, ask) => {
                    const { examples } = placed({ x: from.x, count: feed.size.length, examples: feed.examples });
                    return box.climb!(loss, from, { ...feed, examples }, ask);
                  },
                }),
          },
        }),
    about: (examples) => withExamples(whole, chosen === undefined ? examples : examples.map((place) => chosen[place]!)),
    close: chosen === undefined ? () => whole.close() : () => Promise.resolve(),
  };
}
