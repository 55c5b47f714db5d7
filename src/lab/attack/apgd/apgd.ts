/**
 * Auto-PGD: projected gradient steps whose size halves when they stop helping. Croce and Hein 2020 (arXiv:2003.01690), algorithm 1; the
 * constants are those of the paper and of fra31/auto-attack. For l1: Croce and Hein 2021 (arXiv:2103.01208), algorithm 1.
 */
import type { AttackContext } from "../context.ts";
import { project } from "../ball.ts";
import { strideAt } from "../climb.ts";
import { gather, scatter, some } from "../rows.ts";
import type { LossKind } from "../target.ts";
import { createSteps } from "./checkpoints.ts";
import type { ApgdState, Checkpoints } from "./checkpoints.ts";
import { sphereStart } from "./start.ts";
import { sparseStep } from "./sparse.ts";

/** One run from one start. */
export interface ApgdRun {
  readonly loss: LossKind;
  readonly steps: number;
  /** The class to move to, one for each row of the batch. */
  readonly targets?: Int32Array | undefined;
  /** Where to start, one row for each row given; random by default. */
  readonly from?: Float32Array;
  /** Radius of this run, where it is not the context's. */
  readonly radius?: number;
}

const momentum = 0.75;

/** Runs on the given rows; yields after each step. Returns the points of highest loss. */
export async function* apgdRun(context: AttackContext, rows: Int32Array, run: ApgdRun): AsyncGenerator<void, Float32Array, void> {
  const { rowSize, room } = context;
  const epsilon = run.radius ?? context.epsilon;
  const state = startState(context, rows, { ...run, epsilon });
  const checkpoints = createSteps(state, { steps: run.steps, norm: room.norm, epsilon, rowSize, origin: context.batch.x, rows });
  await ask(context, { state, rows, run });
  state.bestLoss.set(state.loss);
  state.bestX.set(state.x);
  state.bestGradient.set(state.gradient);
  checkpoints.begin();
  yield;
  for (let step = 0; step < run.steps;) {
    state.active = placesStanding(context, rows);
    if (state.active.length === 0) break;
    if (context.climb !== undefined && epsilon === context.epsilon) {
      step += await climbOn(context, { state, rows, run, checkpoints, step });
      yield;
      continue;
    }
    for (const place of state.active) move(context, { state, place, row: rows[place]!, first: step === 0, epsilon });
    await ask(context, { state, rows, run });
    for (const place of state.active) {
      if (!(state.loss[place]! > state.bestLoss[place]!)) continue;
      state.bestLoss[place] = state.loss[place]!;
      const at = place * rowSize;
      state.bestX.set(state.x.subarray(at, at + rowSize), at);
      state.bestGradient.set(state.gradient.subarray(at, at + rowSize), at);
    }
    checkpoints.after();
    step++;
    yield;
  }
  return state.bestX;
}

interface Climbing extends Asking {
  readonly checkpoints: Checkpoints;
  /** Steps made so far. */
  readonly step: number;
}

/** Several steps at once, never beyond a checkpoint; gives how many. */
async function climbOn(context: AttackContext, { state, rows, run, checkpoints, step }: Climbing): Promise<number> {
  const { active, rowSize } = state;
  const asked = gather(rows, active, 1);
  const part = (block: Float32Array): Float32Array => some(block, active, { of: rows.length, width: rowSize });
  const memory = {
    old: part(state.old),
    best: part(state.bestX),
    bestSlope: part(state.bestGradient),
    bestLoss: gather(state.bestLoss, active, 1),
  };
  const made = await context.climb!(
    run.loss,
    asked,
    { x: part(state.x), slope: part(state.gradient), memory },
    {
      size: gather(state.stepSize, active, 1),
      steps: Math.min(strideAt(step), checkpoints.left(), run.steps - step),
      alpha: step === 0 ? 1 : momentum,
      ...(run.targets === undefined ? {} : { targets: gather(run.targets, asked, 1) }),
    },
  );
  const { old, best, bestSlope, bestLoss } = made.memory!;
  const blocks = [
    [state.x, made.x],
    [state.gradient, made.slope],
    [state.old, old],
    [state.bestX, best],
    [state.bestGradient, bestSlope],
  ] as const;
  for (const [into, block] of blocks) scatter(into, active, block, rowSize);
  scatter(state.bestLoss, active, bestLoss, 1);
  for (let at = 0; at < made.steps; at++) {
    for (const [i, place] of active.entries()) state.loss[place] = made.losses[i * made.steps + at]!;
    checkpoints.after();
  }
  return made.steps;
}

function startState(context: AttackContext, rows: Int32Array, run: ApgdRun & { readonly epsilon: number }): ApgdState {
  const { rowSize } = context;
  const x = run.from?.slice() ?? sphereStart(context, rows, run.epsilon);
  return {
    active: Int32Array.from(rows.keys()),
    x,
    old: x.slice(),
    gradient: new Float32Array(x.length),
    loss: new Float32Array(rows.length),
    bestX: x.slice(),
    bestGradient: new Float32Array(x.length),
    bestLoss: new Float32Array(rows.length),
    stepSize: new Float32Array(rows.length).fill((context.room.norm === "l1" ? 1 : 2) * run.epsilon),
    share: new Float32Array(rows.length).fill(0.2),
    rowSize,
  };
}

function placesStanding(context: AttackContext, rows: Int32Array): Int32Array {
  const standing = new Set(context.standing(rows));
  return Int32Array.from([...rows.keys()].filter((place) => standing.has(rows[place]!)));
}

interface Asking {
  readonly state: ApgdState;
  readonly rows: Int32Array;
  readonly run: ApgdRun;
}

/** Loss and gradient at the active points; the runner may have moved a point, which is taken over. */
async function ask(context: AttackContext, { state, rows, run }: Asking): Promise<void> {
  const { active, rowSize } = state;
  const asked = gather(rows, active, 1);
  const x = gather(state.x, active, rowSize);
  const targets = run.targets && asked.map((row) => run.targets![row]!);
  const answer = await context.gradient(run.loss, asked, x, targets === undefined ? {} : { targets });
  scatter(state.x, active, x, rowSize);
  scatter(state.gradient, active, answer.gradient, rowSize);
  scatter(state.loss, active, answer.loss, 1);
}

interface Move {
  readonly state: ApgdState;
  readonly place: number;
  readonly row: number;
  readonly first: boolean;
  readonly epsilon: number;
}

/** z = P(x + η g); x ← P(x + α (z − x) + (1 − α)(x − x₋₁)): eq. 4 and 5. */
function move({ batch, room }: AttackContext, { state, place, row, first, epsilon }: Move): void {
  const { rowSize, x, old, gradient } = state;
  const at = place * rowSize;
  const where = { x: 0, origin: row * rowSize, epsilon };
  const z = x.slice(at, at + rowSize);
  const g = gradient.subarray(at, at + rowSize);
  if (room.norm === "l1") sparseStep(z, g, { size: state.stepSize[place]!, share: state.share[place]! });
  else stepDense(z, g, { size: state.stepSize[place]!, linf: room.norm === "linf" });
  project(room, z, batch.x, where);
  const alpha = first || room.norm === "l1" ? 1 : momentum;
  if (alpha < 1) {
    for (let i = 0; i < rowSize; i++) {
      const now = x[at + i]!;
      z[i] = now + alpha * (z[i]! - now) + (1 - alpha) * (now - old[at + i]!);
    }
    project(room, z, batch.x, where);
  }
  old.set(x.subarray(at, at + rowSize), at);
  x.set(z, at);
}

function stepDense(z: Float32Array, g: Float32Array, { size, linf }: { readonly size: number; readonly linf: boolean }): void {
  if (linf) {
    for (let i = 0; i < z.length; i++) z[i]! += g[i]! > 0 ? size : g[i]! < 0 ? -size : 0;
    return;
  }
  let square = 0;
  for (const value of g) square += value * value;
  if (!(square > 0) || square === Infinity) return;
  const scale = size / Math.sqrt(square);
  for (let i = 0; i < z.length; i++) z[i]! += g[i]! * scale;
}
