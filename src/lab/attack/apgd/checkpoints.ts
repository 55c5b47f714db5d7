/** When Auto-PGD halves its step and goes back to its best point. Croce and Hein 2020, section 3.1, conditions 1 and 2. */
import type { Norm } from "../threat.ts";

/** Where the rows of a run are; one place for each row. */
export interface ApgdState {
  /** Places still attacked. */
  active: Int32Array;
  readonly x: Float32Array;
  readonly old: Float32Array;
  readonly gradient: Float32Array;
  readonly loss: Float32Array;
  readonly bestX: Float32Array;
  readonly bestGradient: Float32Array;
  readonly bestLoss: Float32Array;
  readonly stepSize: Float32Array;
  /** For l1: the share of numbers that a step moves. */
  readonly share: Float32Array;
  readonly rowSize: number;
}

interface Settings {
  readonly steps: number;
  readonly norm: Norm;
  readonly epsilon: number;
  readonly rowSize: number;
  readonly origin: Float32Array;
  readonly rows: Int32Array;
}

/** The share of steps that must raise the loss. */
const risingShare = 0.75;

/** Called after each step; changes step sizes and points of the state. */
export interface Checkpoints {
  begin(): void;
  /** Steps until points may be changed. */
  left(): number;
  after(): void;
}

/** The checkpoints of one run. */
export function createSteps(state: ApgdState, settings: Settings): Checkpoints {
  return settings.norm === "l1" ? sparseCheckpoints(state, settings) : denseCheckpoints(state, settings);
}

function denseCheckpoints(state: ApgdState, { steps }: Settings): Checkpoints {
  const shrink = Math.max(Math.trunc(0.03 * steps), 1);
  const shortest = Math.max(Math.trunc(0.06 * steps), 1);
  let length = Math.max(Math.trunc(0.22 * steps), 1);
  let since = 0;
  const places = state.loss.length;
  const last = new Float32Array(places);
  const rises = new Int32Array(places);
  const bestAtCheck = new Float32Array(places);
  const reduced = new Uint8Array(places).fill(1);
  return {
    begin() {
      last.fill(0); // the reference counts its first step as a rise from 0
      bestAtCheck.set(state.bestLoss);
    },
    left: () => length - since,
    after() {
      for (const place of state.active) {
        if (state.loss[place]! > last[place]!) rises[place]!++;
        last[place] = state.loss[place]!;
      }
      since++;
      if (since < length) return;
      for (const place of state.active) {
        const oscillates = rises[place]! <= length * risingShare;
        const stuck = reduced[place] === 0 && bestAtCheck[place]! >= state.bestLoss[place]!;
        reduced[place] = oscillates || stuck ? 1 : 0;
        bestAtCheck[place] = state.bestLoss[place]!;
        if (reduced[place] === 1) {
          state.stepSize[place]! /= 2;
          restore(state, place);
        }
      }
      rises.fill(0);
      since = 0;
      length = Math.max(length - shrink, shortest);
    },
  };
}

/** For l1 the step follows how sparse the best point is. */
function sparseCheckpoints(state: ApgdState, { steps, epsilon, rowSize, origin, rows }: Settings): Checkpoints {
  const length = Math.max(Math.trunc(0.04 * steps), 1);
  const before = new Float32Array(state.loss.length).fill(rowSize);
  let since = 0;
  const changedNumbers = (place: number): number => {
    let count = 0;
    for (let i = 0; i < rowSize; i++) if (state.bestX[place * rowSize + i] !== origin[rows[place]! * rowSize + i]) count++;
    return count;
  };
  return {
    begin() {},
    left: () => length - since,
    after() {
      if (++since < length) return;
      since = 0;
      for (const place of state.active) {
        const now = changedNumbers(place);
        const sparser = now / before[place]! < 0.95;
        state.share[place] = now / rowSize / 1.5;
        const size = sparser ? epsilon : state.stepSize[place]! / 1.5;
        state.stepSize[place] = Math.min(Math.max(size, epsilon / 10), epsilon);
        before[place] = now;
        if (sparser) restore(state, place);
      }
    },
  };
}

function restore(state: ApgdState, place: number): void {
  const { rowSize } = state;
  const at = place * rowSize;
  state.x.set(state.bestX.subarray(at, at + rowSize), at);
  state.gradient.set(state.bestGradient.subarray(at, at + rowSize), at);
}
