/** The search over c and the descent for one c: Carlini and Wagner 2017, sections V.A and VI.A; Adam after Kingma and Ba 2015, algorithm 1. */
import type { AttackContext } from "../context.ts";
import { gather } from "../rows.ts";
import { decisions } from "../target.ts";
import { adam } from "../white/descent-graph.ts";
import { adamRow } from "./adam-row.ts";
import { longestDescent } from "./descend.ts";
import type { DescentState } from "./question.ts";
import { tanhSpace } from "./tanh-space.ts";

/** What a descent may say. */
export interface DescentParams {
  readonly steps: number;
  readonly learningRate: number;
  readonly confidence: number;
  readonly abortEarly: boolean;
}

/** State of the search: descend with today's constants, then choose the next ones. */
export interface CarliniSearch {
  descend(params: DescentParams): AsyncGenerator<void, void, void>;
  next(): void;
}

/** A search over all rows that stand. */
export function createCarliniSearch(context: AttackContext, startConstant: number): CarliniSearch {
  const { batch, rowSize, room } = context;
  const rows = context.standing();
  const space = tanhSpace(room);
  const start = new Float32Array(rows.length * rowSize);
  space.enter(gather(batch.x, rows, rowSize), start);
  const origin = new Float32Array(start.length);
  space.leave(start, origin, new Float32Array(start.length));
  const constant = new Float32Array(rows.length).fill(startConstant);
  const low = new Float32Array(rows.length);
  const high = new Float32Array(rows.length).fill(Infinity);
  const found = new Uint8Array(rows.length);
  return {
    async *descend(params) {
      found.fill(0);
      yield* descent(context, { rows, start, origin, constant, found, space }, params);
    },
    next() {
      for (const place of rows.keys()) {
        if (found[place] === 1) high[place] = constant[place]!;
        else low[place] = constant[place]!;
        constant[place] = high[place] === Infinity ? constant[place]! * 10 : (low[place]! + high[place]!) / 2;
      }
    },
  };
}

interface Descent {
  readonly rows: Int32Array;
  readonly start: Float32Array;
  readonly origin: Float32Array;
  readonly constant: Float32Array;
  readonly found: Uint8Array;
  readonly space: ReturnType<typeof tanhSpace>;
}

/** Rows still under way, and their places in the search. */
interface State extends DescentState {
  readonly rows: Int32Array;
  readonly places: Int32Array;
  readonly origin: Float32Array;
  readonly constant: Float32Array;
}

async function* descent(context: AttackContext, given: Descent, params: DescentParams): AsyncGenerator<void, void, void> {
  const { rows, start, origin, constant } = given;
  const zeros = (): Float32Array => new Float32Array(start.length);
  const places = Int32Array.from(rows.keys());
  let state: State = { rows, places, origin, constant, w: start.slice(), first: zeros(), second: zeros() };
  const progress = { lastCheck: new Float64Array(rows.length).fill(Infinity), idle: new Uint8Array(rows.length) };
  const every = Math.max(1, Math.floor(params.steps / 10));
  for (let step = 0; step < params.steps && state.rows.length > 0;) {
    // A question ends where progress is looked at; the first step is asked alone, so that its gradient is seen.
    const toCheck = step % every === 0 ? 1 : every + 1 - (step % every);
    const wanted = Math.min(longestDescent, toCheck, params.steps - step);
    const rates = Float32Array.from({ length: wanted }, (_, i) => rateAt(step + i, params.learningRate));
    const together = context.descend !== undefined && step > 0;
    const made = together
      ? await stepsTogether(context, state, { ...params, rates })
      : await oneStep(context, state, { ...params, rate: rates[0]!, space: given.space });
    yield;
    noteFound(context, state, { made, found: given.found, confidence: params.confidence });
    step += made.steps;
    const ended = (step - 1) % every === 0 && params.abortEarly ? withoutProgress(state, { made, params, ...progress }) : [];
    state = onlyOpen(context, { ...state, ...made.state }, ended);
  }
}

/** Adam's rate with its corrections for moments that begin at 0. */
const rateAt = (step: number, rate: number): number =>
  rate * (Math.sqrt(1 - adam.beta2 ** (step + 1)) / (1 - adam.beta1 ** (step + 1)));

/** Steps that were made: for each row and step the loss, ‖x − origin‖² and the logits. */
interface Made {
  readonly steps: number;
  readonly losses: Float32Array;
  readonly far: Float32Array;
  readonly scores: Float32Array;
  readonly state: DescentState;
}

const lossOf = ({ batch }: AttackContext) => (batch.targets === undefined ? "margin" : "lead-targeted");

async function stepsTogether(
  context: AttackContext,
  { rows, w, first, second, origin, constant }: State,
  { confidence, rates }: DescentParams & { readonly rates: Float32Array },
): Promise<Made> {
  const how = { origin, constant, confidence, rates };
  const made = await context.descend!(lossOf(context), rows, { w, first, second }, how);
  return { ...made, state: { w: made.w, first: made.first, second: made.second } };
}

async function oneStep(
  context: AttackContext,
  { rows, w, first, second, origin, constant }: State,
  { confidence, rate, space }: DescentParams & { readonly rate: number; readonly space: Descent["space"] },
): Promise<Made> {
  const { rowSize } = context;
  const [x, slope] = [new Float32Array(w.length), new Float32Array(w.length)];
  space.leave(w, x, slope);
  const { loss, gradient, scores } = await context.gradient(lossOf(context), rows, x);
  const block = { w, x, origin, slope, first, second, gradient, rowSize, rate };
  const far = Float32Array.from(loss, (lead, i) => adamRow(block, i * rowSize, lead < confidence ? constant[i]! : 0));
  return { steps: 1, losses: loss, far, scores, state: { w, first, second } };
}

/** A constant is enough once a point leads as far as was asked. */
function noteFound(
  context: AttackContext,
  { rows, places }: State,
  { made, found, confidence }: { readonly made: Made; readonly found: Uint8Array; readonly confidence: number },
): void {
  const labels = decisions(made.scores, context.classes);
  for (const [i, label] of labels.entries()) {
    const place = Math.floor(i / made.steps);
    if (made.losses[i]! >= confidence && context.wins(rows[place]!, label)) found[places[place]!] = 1;
  }
}

/**
 * Rows whose loss has not fallen twice in a row when it was looked at. The authors' program asks once, of the sum over all rows; asked of each row, so
 * that rows do not depend on each other, once is too hasty: Adam overshoots.
 */
function withoutProgress({ places, constant }: State, { made, lastCheck, idle, params }: Progress): readonly number[] {
  const ended: number[] = [];
  for (const [i, place] of places.entries()) {
    const at = (i + 1) * made.steps - 1;
    const loss = made.far[at]! + constant[i]! * Math.max(0, params.confidence - made.losses[at]!);
    idle[place] = loss <= 0.9999 * lastCheck[place]! ? 0 : idle[place]! + 1;
    if (idle[place] === patience) ended.push(i);
    lastCheck[place] = loss;
  }
  return ended;
}

const patience = 2;

interface Progress {
  readonly made: Made;
  readonly params: DescentParams;
  readonly lastCheck: Float64Array;
  readonly idle: Uint8Array;
}

function onlyOpen(context: AttackContext, state: State, ended: readonly number[]): State {
  const { rowSize } = context;
  const standing = new Set(context.standing(state.rows));
  const gone = new Set(ended);
  const stay = Int32Array.from([...state.rows.keys()].filter((i) => !gone.has(i) && standing.has(state.rows[i]!)));
  if (stay.length === state.rows.length) return state;
  const block = (of: Float32Array): Float32Array => gather(of, stay, rowSize);
  return {
    rows: gather(state.rows, stay, 1),
    places: gather(state.places, stay, 1),
    constant: gather(state.constant, stay, 1),
    origin: block(state.origin),
    w: block(state.w),
    first: block(state.first),
    second: block(state.second),
  };
}
