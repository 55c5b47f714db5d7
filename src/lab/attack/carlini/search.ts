/** The search over c and the descent for one c: Carlini and Wagner 2017, sections V.A and VI.A; Adam after Kingma and Ba 2015, algorithm 1. */
import type { AttackContext } from "../context.ts";
import { gather } from "../rows.ts";
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

const [beta1, beta2, tiny] = [0.9, 0.999, 1e-8];

/** A search over all rows that stand. */
export function createCarliniSearch(context: AttackContext, startConstant: number): CarliniSearch {
  const { batch, rowSize, room } = context;
  const rows = context.standing();
  const space = tanhSpace(room);
  const start = new Float32Array(rows.length * rowSize);
  space.enter(gather(batch.x, rows, rowSize), start);
  const origin = new Float32Array(start.length);
  space.leave(start, origin, new Float32Array(start.length));
  const constant = new Float64Array(rows.length).fill(startConstant);
  const low = new Float64Array(rows.length);
  const high = new Float64Array(rows.length).fill(Infinity);
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
  readonly constant: Float64Array;
  readonly found: Uint8Array;
  readonly space: ReturnType<typeof tanhSpace>;
}

async function* descent(context: AttackContext, given: Descent, params: DescentParams): AsyncGenerator<void, void, void> {
  const { rowSize, batch } = context;
  const { constant, found, space } = given;
  let places = Int32Array.from(given.rows.keys());
  let rows = given.rows;
  let [w, origin] = [given.start.slice(), given.origin];
  let [first, second] = [new Float32Array(w.length), new Float32Array(w.length)];
  let [x, slope] = [new Float32Array(w.length), new Float32Array(w.length)];
  const lastCheck = new Float64Array(given.rows.length).fill(Infinity);
  const every = Math.max(1, Math.floor(params.steps / 10));
  const lossKind = batch.targets === undefined ? "margin" : "margin-targeted";
  for (let step = 0; step < params.steps && places.length > 0; step++) {
    space.leave(w, x, slope);
    const answer = await context.gradient(lossKind, rows, x);
    yield;
    const rate = params.learningRate * (Math.sqrt(1 - beta2 ** (step + 1)) / (1 - beta1 ** (step + 1)));
    const ended: number[] = [];
    const block = { w, x, origin, slope, first, second, gradient: answer.gradient, rowSize, rate };
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      const margin = answer.loss[i]!;
      if (margin > 0) found[place] = 1;
      const far = adamStep(block, i * rowSize, margin < params.confidence ? constant[place]! : 0);
      if (!params.abortEarly || step % every !== 0) continue;
      const loss = far + constant[place]! * Math.max(0, params.confidence - margin);
      if (!(loss <= 0.9999 * lastCheck[place]!)) ended.push(i);
      lastCheck[place] = loss;
    }
    const standing = new Set(context.standing(rows));
    const stay = Int32Array.from([...rows.keys()].filter((i) => !ended.includes(i) && standing.has(rows[i]!)));
    if (stay.length === rows.length) continue;
    [w, origin, first, second] = [w, origin, first, second].map((block) => gather(block, stay, rowSize)) as [
      typeof w,
      typeof w,
      typeof w,
      typeof w,
    ];
    [x, slope] = [new Float32Array(w.length), new Float32Array(w.length)];
    rows = gather(rows, stay, 1);
    places = gather(places, stay, 1);
  }
}

interface Block {
  readonly w: Float32Array;
  readonly x: Float32Array;
  readonly origin: Float32Array;
  readonly slope: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly gradient: Float32Array;
  readonly rowSize: number;
  readonly rate: number;
}

/** One step of Adam on one row; gives the square of its distance from the example. A function of its own, because engines compile loops in generators badly. */
function adamStep({ w, x, origin, slope, first, second, gradient, rowSize, rate }: Block, at: number, active: number): number {
  let far = 0;
  for (let k = at; k < at + rowSize; k++) {
    const change = x[k]! - origin[k]!;
    far += change * change;
    const g = (2 * change - active * gradient[k]!) * slope[k]!;
    const m = beta1 * first[k]! + (1 - beta1) * g;
    const v = beta2 * second[k]! + (1 - beta2) * g * g;
    first[k] = m;
    second[k] = v;
    w[k]! -= (rate * m) / (Math.sqrt(v) + tiny);
  }
  return far;
}
